// Rust and TypeScript read each other's messages, byte for byte. The other half of this test is
// crates/synesis-wire/tests/it/golden.rs.
//
// `SYNESIS_GOLDEN=write node --test` writes `from-es` anew.
import { equals, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { examples } from "./examples.mjs";
import { folder, inFloats, messages, vectors } from "./contract.mjs";

// One field of each wire type, of numbers that nobody has, as in tests/it/newer.rs.
const UNKNOWN = Buffer.from(
  "c03e" + "ffffffffffffffffff01" + "c93e" + "0101010101010101" + "d23e" + "0473706174" +
    "db3e" + "0a036f6c64" + "dc3e" + "e53e" + "02020202",
  "hex",
);

const hex = (bytes) => Buffer.from(bytes).toString("hex");

const says = (message, read, json, vector) =>
  assert.deepEqual(inFloats(toJson(message, read)), inFloats(json), vector);

test("what Rust wrote is read and written alike", () => {
  for (const { vector, message, bytes, json } of vectors("vectors")) {
    const read = fromBinary(message, bytes);
    assert.equal(read.$unknown, undefined, vector);
    says(message, read, json, vector);
    assert.equal(hex(toBinary(message, read)), hex(bytes), vector);
    assert.equal(hex(toBinary(message, fromJson(message, json))), hex(bytes), vector);
  }
});

test("every message bears unknown fields and hands them on", () => {
  for (const { vector, message, bytes, json } of vectors("vectors")) {
    const longer = Buffer.concat([bytes, UNKNOWN]);
    const read = fromBinary(message, longer);
    says(message, read, json, vector);
    assert.equal(hex(toBinary(message, read)), hex(longer), vector);
    assert.equal(hex(toBinary(message, read, { writeUnknownFields: false })), hex(bytes), vector);
  }
});

test("messages of a newer version lose nothing that is known", () => {
  for (const { vector, message, bytes, json } of vectors("newer")) {
    const read = fromBinary(message, bytes);
    says(message, read, json, vector);
    const again = toBinary(message, read);
    assert.equal(again.length, bytes.length, `${vector}: what is unknown is handed on`);
    assert.ok(equals(message, fromBinary(message, again), read), vector);
  }
});

test("TypeScript's own vectors are what it writes", () => {
  const place = folder("from-es");
  const wanted = new Map();
  for (const { vector, message, built } of messages.flatMap(examples)) {
    wanted.set(`${vector}.bin`, Buffer.from(toBinary(message, built)));
    wanted.set(`${vector}.json`, `${JSON.stringify(toJson(message, built), null, 2)}\n`);
  }
  if (process.env.SYNESIS_GOLDEN === "write") {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    for (const [file, content] of wanted) writeFileSync(new URL(file, place), content);
  }
  assert.deepEqual(readdirSync(place).sort(), [...wanted.keys()].sort());
  for (const { vector, message, bytes, json } of vectors("from-es")) {
    assert.equal(hex(bytes), hex(wanted.get(`${vector}.bin`)), vector);
    assert.equal(`${JSON.stringify(json, null, 2)}\n`, wanted.get(`${vector}.json`), vector);
    assert.equal(hex(toBinary(message, fromJson(message, json))), hex(bytes), vector);
  }
});

test("every message of the contract has vectors", () => {
  const named = (name) => [...new Set(vectors(name).map(({ message }) => message?.name))].sort();
  const all = messages.map((message) => message.name);
  assert.deepEqual(named("vectors"), all, "SYNESIS_GOLDEN=write cargo test -p synesis-wire --test it");
  assert.deepEqual(named("from-es"), all, "SYNESIS_GOLDEN=write node --test");
});
