/** A value as it may be kept: what stands under `keys` (lower case here, any case there, any depth) is hidden. */
export const redacted = (value: unknown, keys: ReadonlySet<string>): unknown => {
  if (typeof value === "bigint") return String(value)
  if (Array.isArray(value)) return value.map((item: unknown) => redacted(item, keys))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, keys.has(key.toLowerCase()) ? "***" : redacted(member, keys)])
  )
}
