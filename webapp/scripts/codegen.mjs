// Types and trusted documents from src/graphql/documents against the schema.
//
//   npm run codegen                    reads ../schema/schema.graphql, writes src/graphql
//   node scripts/codegen.mjs FOLDER    the same into another folder, to compare
//
// For page and desk apart, so that neither carries the other's hashes:
//   src/graphql/generated/{page,desk}/  typed documents; each holds its hash, not its text
//   src/graphql/persisted.json          sha256 hex of a document's text → the text, for the server
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import { buildSchema, parse } from "graphql";

const root = path.resolve(import.meta.dirname, "..");
const target = path.resolve(process.argv[2] ?? path.join(root, "src/graphql"));
const schemaFile = path.join(root, "../schema/schema.graphql");
const schemaAst = buildSchema(readFileSync(schemaFile, "utf8"));
const schema = parse(readFileSync(schemaFile, "utf8"));

const persisted = {};
for (const entry of ["page", "desk"]) {
  const output = path.join(target, "generated", entry);
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  for (const [name, content] of await generate(entry, `${output}/`)) {
    if (name.endsWith("persisted-documents.json")) Object.assign(persisted, JSON.parse(content));
    else if (name.endsWith("graphql.ts")) writeModules(output, content);
  }
}

const sorted = Object.fromEntries(Object.entries(persisted).sort(([a], [b]) => (a < b ? -1 : 1)));
for (const [hash, text] of Object.entries(sorted)) {
  const found = createHash("sha256").update(text).digest("hex");
  if (found !== hash) throw new Error(`${hash} is not the sha256 of its document (${found})`);
}
writeFileSync(path.join(target, "persisted.json"), `${JSON.stringify(sorted, null, 2)}\n`);
console.log(`${Object.keys(sorted).length} documents`);

// Only hashes travel to the browser, each in a module of its own so that a screen carries its own alone:
// types.ts (no code), HomeDocument.ts …, and graphql.ts which names them all.
function writeModules(output, content) {
  const documents = [
    ...content.matchAll(
      /^export const (\w+Document) = (\{.*?\}\}) as unknown as TypedDocumentString<(\w+), ?(\w+)>;$/gm,
    ),
  ];
  const types = content
    .slice(0, content.indexOf("export class TypedDocumentString"))
    .replace(/^import .*\n/gm, "");
  writeFileSync(path.join(output, "types.ts"), types);
  for (const [, name, meta, result, variables] of documents)
    writeFileSync(
      path.join(output, `${name}.ts`),
      `import type { Trusted } from "@/graphql/client";\nimport type { ${result}, ${variables} } from "./types";\n\n` +
        `export const ${name} = ${meta} as Trusted<${result}, ${variables}>;\n`,
    );
  const names = documents.map(([, name]) => `export { ${name} } from "./${name}";\n`);
  writeFileSync(path.join(output, "graphql.ts"), `export type * from "./types";\n${names.join("")}`);
}

async function generate(entry, baseOutputDir) {
  const folder = path.join(root, "src/graphql/documents", entry);
  const documents = readdirSync(folder)
    .filter((name) => name.endsWith(".graphql"))
    .sort()
    .map((name) => {
      const location = path.join(folder, name);
      const rawSDL = readFileSync(location, "utf8");
      return { location, rawSDL, document: parse(rawSDL) };
    });
  const sections = await preset.buildGeneratesSection({
    baseOutputDir,
    schema,
    schemaAst,
    documents,
    config: {
      documentMode: "string",
      enumsAsTypes: true,
      useTypeImports: true,
      skipTypename: true,
      onlyOperationTypes: true,
      disableDescriptions: true,
      strictScalars: true,
      scalars: { Money: "string", DateTime: "string", Date: "string", Time: "string", Kwh: "string" },
    },
    presetConfig: {
      fragmentMasking: false,
      persistedDocuments: { mode: "replaceDocumentWithHash", hashAlgorithm: "sha256" },
    },
    plugins: [],
    pluginMap: {},
    profiler: { run: (work) => work() },
  });
  const files = [];
  for (const section of sections) files.push([section.filename, await codegen(section)]);
  return files;
}
