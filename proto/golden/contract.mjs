// The contract as protobuf-es sees it: by the description that `cargo xtask codegen` writes. No
// code is generated.
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { readFileSync, readdirSync } from "node:fs";

const PACKAGE = "superinstance.cloud";
const set = fromBinary(
  FileDescriptorSetSchema,
  readFileSync(new URL("cloud.binpb", import.meta.url)),
);

/** Every type of the contract. */
export const registry = createFileRegistry(set);

/** The messages of the contract, sorted by name. */
export const messages = [...registry]
  .filter((type) => type.kind === "message" && type.file.proto.package === PACKAGE)
  .sort((a, b) => (a.name < b.name ? -1 : 1));

/** A folder of vectors. */
export const folder = (name) => new URL(`${name}/`, import.meta.url);

/** The vectors of a folder: the description of each, its bytes, and what they say. */
export function vectors(name) {
  const place = folder(name);
  return readdirSync(place)
    .filter((file) => file.endsWith(".bin"))
    .sort()
    .map((file) => {
      const vector = file.slice(0, -".bin".length);
      return {
        vector,
        message: registry.getMessage(`${PACKAGE}.${vector.split(".")[0]}`),
        bytes: readFileSync(new URL(file, place)),
        json: JSON.parse(readFileSync(new URL(`${vector}.json`, place), "utf8")),
      };
    });
}

/** JSON with its numbers at the precision of a `float`: what JavaScript holds beyond it was made
 * up when the bytes were read. */
export function inFloats(json) {
  if (typeof json === "number") return Number.isSafeInteger(json) ? json : Math.fround(json);
  if (Array.isArray(json)) return json.map(inFloats);
  if (json === null || typeof json !== "object") return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, inFloats(value)]));
}
