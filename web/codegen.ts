import type { CodegenConfig } from "@graphql-codegen/cli";

// What is asked stands in .graphql files beside the pages; what it gives is typed from the graph that the server prints.
const config: CodegenConfig = {
  schema: "../schema.graphql",
  // What GraphiQL opens with is shown and not asked by our own code.
  documents: ["src/**/*.graphql", "!src/explorer/starters/*"],
  generates: {
    "src/graph/operations.ts": {
      plugins: ["typescript-operations", "typed-document-node"],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { DateTime: "string", JSON: "./json.ts#JsonValue", ID: { input: "string", output: "string" } },
      },
    },
  },
};

export default config;
