/** A message as a broker sends it (MQTT 3.1.1 and 5, 3.3). */
export interface Publish {
  readonly topic: string
  /** A view into the bytes that came: who keeps it keeps them all. */
  readonly payload: Buffer
  readonly qos: 0 | 1 | 2
  /** `undefined` at QoS 0. */
  readonly messageId: number | undefined
  readonly dup: boolean
  readonly retain: boolean
}

/** Where what begins at `at` with its own length of two bytes ends; past every end when that is cut off. */
const afterText = (body: Buffer, at: number): number =>
  at + 2 > body.length ? Number.POSITIVE_INFINITY : at + 2 + body.readUInt16BE(at)

/** Where a variable byte integer ends (MQTT 5, 1.5.5), and what it is; `undefined` when it is cut off or too long. */
const numberAt = (body: Buffer, at: number): { readonly value: number; readonly end: number } | undefined => {
  let value = 0
  for (let nth = 0; nth < 4; nth++) {
    const byte = body[at + nth]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * nth)
    if (byte < 0x80) return { value, end: at + nth + 1 }
  }
  return undefined
}

/** Of a message's properties the one that matters: we grant no aliases, and without its topic nobody knows a message. */
const topicAlias = 0x23

/** Where the property that begins at `at` ends, of those that a PUBLISH may have (MQTT 5, 3.3.2.3). */
const afterProperty = (body: Buffer, at: number): number => {
  switch (body[at]) {
    case 0x01: // payload format
      return at + 2
    case 0x02: // expiry
      return at + 5
    case 0x03: // content type
    case 0x08: // response topic
    case 0x09: // correlation data
      return afterText(body, at + 1)
    case 0x0b: // subscription identifier
      return numberAt(body, at + 1)?.end ?? Number.POSITIVE_INFINITY
    case 0x26: // user property
      return afterText(body, afterText(body, at + 1))
    default:
      return Number.POSITIVE_INFINITY
  }
}

/** Where the properties that begin at `at` end; else what is wrong with them. */
const afterProperties = (body: Buffer, at: number): number | string => {
  const length = numberAt(body, at)
  if (length === undefined) return "the properties of a message are cut off"
  const end = length.end + length.value
  let reached = length.end
  while (reached < end) {
    if (body[reached] === topicAlias) return "a message has a topic alias, which we do not grant"
    reached = afterProperty(body, reached)
  }
  return reached === end && end <= body.length ? end : "the properties of a message are malformed"
}

/** Reads a PUBLISH from the four low bits of its first byte and from what follows its length; else says what is wrong. */
export const readPublish = (flags: number, body: Buffer, version: 4 | 5): Publish | string => {
  const qos = (flags >> 1) & 3
  if (qos === 3) return "a message is of QoS 3"
  const topicEnd = afterText(body, 0)
  const idEnd = qos === 0 ? topicEnd : topicEnd + 2
  if (idEnd > body.length) return "a message is cut off"
  const payloadAt = version === 5 ? afterProperties(body, idEnd) : idEnd
  if (typeof payloadAt === "string") return payloadAt
  return {
    topic: body.toString("utf8", 2, topicEnd),
    payload: body.subarray(payloadAt),
    qos: qos as 0 | 1 | 2,
    messageId: qos === 0 ? undefined : body.readUInt16BE(topicEnd),
    dup: (flags & 8) !== 0,
    retain: (flags & 1) !== 0
  }
}
