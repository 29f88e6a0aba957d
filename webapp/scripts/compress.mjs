// node scripts/compress.mjs FOLDER: a .br beside every file that shrinks; the server sends that one.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const folder = path.resolve(process.argv[2] ?? "dist");
const options = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const file = path.join(entry.parentPath, entry.name);
  if (!entry.isFile() || !/\.(js|css|html|svg|json)$/.test(entry.name)) continue;
  const plain = readFileSync(file);
  const small = brotliCompressSync(plain, options);
  if (small.length < plain.length) writeFileSync(`${file}.br`, small);
}
