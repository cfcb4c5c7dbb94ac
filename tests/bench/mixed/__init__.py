"""Whether answers stay quick, right and fresh while all kinds of questions and reports come together."""
