import { exactly, WireMessage } from "./decode-protobuf.ts"

/** `google.protobuf.Timestamp` as ISO 8601, as ChirpStack's JSON has it. */
const time = (message: WireMessage | undefined): string | undefined => {
  const seconds = Number(message?.number(1) ?? 0n)
  if (message === undefined || !(seconds < 8.64e12)) return undefined
  return new Date(seconds * 1000 + Math.floor(Number(message.number(2) ?? 0n) / 1e6)).toISOString()
}

const defined = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

const deviceInfo = (message: WireMessage | undefined): Record<string, unknown> | undefined =>
  message === undefined
    ? undefined
    : defined({ deviceProfileName: message.text(6), deviceName: message.text(7), devEui: message.text(8) })

/** The session's key id, or its key: ChirpStack cannot decrypt the bytes itself. No text begins with either's tag. */
const isJoinServerContext = (bytes: Uint8Array | undefined): boolean => bytes?.[0] === 0x0a || bytes?.[0] === 0x12

/**
 * An event of ChirpStack 4 with the protobuf marshaler, as its JSON would be, as far as profiles look at it. Field
 * numbers: chirpstack/chirpstack, api/proto/integration/integration.proto. Throws `Malformed`.
 */
export const decodeChirpstack = (bytes: Uint8Array, event: string): Record<string, unknown> => {
  const message = new WireMessage(bytes)
  const common = {
    deduplicationId: message.text(1),
    time: time(message.message(2)),
    deviceInfo: deviceInfo(message.message(3))
  }
  if (event === "up") {
    const counter = message.number(7)
    const data = message.bytes(10)
    return defined({
      ...common,
      fCnt: counter === undefined ? undefined : exactly(counter),
      fPort: Number(message.number(8) ?? 0n),
      data: data === undefined ? undefined : Buffer.from(data).toString("base64"),
      joinServerContext: isJoinServerContext(message.bytes(15)) ? {} : undefined
    })
  }
  if (event === "status")
    return defined({
      ...common,
      externalPowerSource: message.flag(6),
      batteryLevelUnavailable: message.flag(7),
      batteryLevel: message.float(8)
    })
  return event === "log" ? {} : defined(common)
}
