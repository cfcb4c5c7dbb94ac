"""The normaliser against what people type: strings with the answer that a careful reader would give; and its speed."""
