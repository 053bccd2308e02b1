// Messages that TypeScript makes by itself: every field of every message filled from its
// description, so that a field that is added is in them without a word here.
import { ScalarType, create } from "@bufbuild/protobuf";

// Values where two implementations could differ; each field of a kind takes the next.
const EDGES = {
  [ScalarType.STRING]: ["é", "\u{1F469}\u200D\u{1F527}", "\u0000\n\"\\", "日本語", "plain"],
  [ScalarType.BYTES]: [[0], [255, 0, 128], Array.from({ length: 130 }, (_, at) => at)].map(
    (bytes) => Uint8Array.from(bytes),
  ),
  [ScalarType.BOOL]: [true],
  [ScalarType.UINT32]: [4294967295, 1, 127, 128, 2147483648],
  [ScalarType.UINT64]: [18446744073709551615n, 9007199254740993n, 1n, 9223372036854775808n],
  [ScalarType.INT64]: [-1n, 9223372036854775807n, -9223372036854775808n, 1700000000000n],
  [ScalarType.SINT64]: [-1n, 9223372036854775807n, -9223372036854775808n, 12207000n],
  [ScalarType.FLOAT]: [0.1, -273.15, 1.5e38, 1e-45, 0.5].map(Math.fround),
};

/** The examples of a message: one with all its fields for each arm of its oneof, one with none. */
export function examples(message) {
  const taken = new Map();
  const next = (type) => {
    const edges = EDGES[type];
    if (!edges) throw new Error(`no value is known for scalar type ${ScalarType[type]}`);
    const at = taken.get(type) ?? 0;
    taken.set(type, at + 1);
    return edges[at % edges.length];
  };
  const single = (field) => {
    if (field.message) return filled(field.message);
    if (field.enum) return field.enum.values.at(-1).number;
    return next(field.scalar);
  };
  const value = (field) => {
    if (field.fieldKind === "map") throw new Error(`${field}: maps are not known here`);
    if (field.fieldKind !== "list") return single(field);
    return [single(field), single(field)];
  };
  // `arm`: of the message's oneof; inside, each oneof has its first.
  const filled = (type, arm) => {
    const built = create(type);
    for (const field of type.fields.filter((field) => !field.oneof)) {
      built[field.localName] = value(field);
    }
    for (const oneof of type.oneofs) {
      const field = arm ?? oneof.fields[0];
      built[oneof.localName] = { case: field.localName, value: value(field) };
    }
    return built;
  };
  const arms = message.oneofs.flatMap((oneof) => oneof.fields);
  const made = arms.map((arm) => [arm.name, filled(message, arm)]);
  if (arms.length === 0 && message.fields.length > 0) made.push(["full", filled(message)]);
  return [["default", create(message)], ...made].map(([example, built]) => ({
    vector: `${message.name}.${example}`,
    message,
    built,
  }));
}
