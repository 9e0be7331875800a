import type { Decoded } from "./decode-lorawan.ts"

const length = 6

/** What its second byte says, in the lower half; 2 is an alarm whose siren somebody silenced. */
const says: { readonly [kind: number]: object } = {
  1: { smoke: true },
  2: { smoke: true },
  4: { smoke: false, spent: "true" },
  5: { fault: "true" },
  7: { smoke: false, fault: "false" },
  10: { tamper: "true" },
  11: { tamper: "false" },
  14: { smoke: true, test: true },
  15: { smoke: true, test: true, spent: "true" }
}

/** Milesight's smoke detector GS524N (github.com/Milesight-IoT/SensorDecoders), whose six bytes add up to nothing. */
export const decodeGs524n = (bytes: Uint8Array): Decoded => {
  if (bytes.length !== length) return { value: {}, fault: `a GS524N sends 6 bytes; ${bytes.length} came` }
  if ((bytes.reduce((sum, byte) => sum + byte, 0) & 0xff) !== 0) return { value: {}, fault: "its checksum is wrong" }
  const kind = bytes[1]! & 0x0f
  const said = says[kind]
  const battery = bytes[2]!
  if (said === undefined) return { value: { battery }, fault: `message ${kind} is none of a GS524N's` }
  return { value: "spent" in said ? said : { battery, ...said } }
}
