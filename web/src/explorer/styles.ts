/** GraphiQL's styles by themselves: those that come in one file bring Monaco's once more, and fonts that are not needed. */

import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./explorer.css";
