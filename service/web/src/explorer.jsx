import "./workers.js";

import { DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";

import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./explorer.css";

import { examples } from "./examples.js";
import gauge from "./gauge.svg";

// The page is served at the endpoint itself, so that it works behind any prefix a proxy puts before it.
const endpoint = location.origin + location.pathname;

const fetcher = createGraphiQLFetcher({
  url: endpoint,
  wsClient: createClient({ url: endpoint.replace(/^http/, "ws") }),
  // The service answers whole; without this, the fetcher asks for multipart first.
  enableIncrementalDelivery: false,
});

const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];

function Explorer() {
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultTabs={examples}
      defaultQuery=""
      defaultEditorToolsVisibility={false}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <a className="graphiql-logo-link brand" href="./">
          <img src={gauge} alt="" />
          Paygauge
        </a>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

createRoot(document.getElementById("explorer")).render(<Explorer />);
