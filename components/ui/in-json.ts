// Values as JSON carries them, so that what the server rendered and what is read later have one shape.

/** With moments as ISO 8601. */
export type InJson<Value> = Value extends Date
  ? string
  : Value extends string | number | boolean | null | undefined
    ? Value
    : { [Key in keyof Value]: InJson<Value[Key]> };

export const inJson = <Value>(value: Value): InJson<Value> => JSON.parse(JSON.stringify(value)) as InJson<Value>;
