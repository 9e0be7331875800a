import { fromBase64 } from "./decode-base64.ts"
import {
  decodeBattery,
  decodeLds02,
  decodeLht65,
  decodeLht65Vib,
  decodeLsn50,
  decodeLt22222,
  decodeOutdoor,
  decodePb01,
  decodeTracker,
  decodeTs01
} from "./decode-dragino.ts"
import { decodeMilesight } from "./decode-milesight.ts"
import { decodeGs601 } from "./decode-milesight-commands.ts"
import { decodeGs524n } from "./decode-milesight-smoke.ts"

/** What a sensor's bytes say, and what of them could not be read. */
export interface Decoded {
  readonly value: object
  readonly fault?: string
}

type Decoder = (bytes: Uint8Array, port: number | undefined) => Decoded

/** The models whose bytes we read ourselves, because the codecs installed at network servers disagree. */
const decoders: { readonly [model: string]: Decoder } = {
  ws301: decodeMilesight("ws301"),
  ws101: decodeMilesight("ws101"),
  "ws101-sos": decodeMilesight("ws101"),
  ws136: decodeMilesight("ws136 or ws156"),
  ws156: decodeMilesight("ws136 or ws156"),
  ws201: decodeMilesight("ws201"),
  ws202: decodeMilesight("ws202"),
  ws203: decodeMilesight("ws203"),
  ws302: decodeMilesight("ws302"),
  ws303: decodeMilesight("ws303"),
  vs121: decodeMilesight("vs121"),
  vs133: decodeMilesight("vs133 or vs135"),
  vs135: decodeMilesight("vs133 or vs135"),
  vs321: decodeMilesight("vs321"),
  vs330: decodeMilesight("vs330"),
  vs340: decodeMilesight("vs340"),
  vs341: decodeMilesight("vs340"),
  vs350: decodeMilesight("vs350"),
  vs351: decodeMilesight("vs350"),
  vs370: decodeMilesight("vs370"),
  vs373: decodeMilesight("vs373"),
  "em300-mcs": decodeMilesight("em300"),
  "em300-mld": decodeMilesight("em300-leak"),
  "em300-sld": decodeMilesight("em300-leak"),
  "em300-zld": decodeMilesight("em300-leak"),
  "em300-di": decodeMilesight("em300-di"),
  "em310-tilt": decodeMilesight("em310-tilt"),
  "em320-tilt": decodeMilesight("em320-tilt"),
  "em300-cl": decodeMilesight("em300-cl"),
  "em300-th": decodeMilesight("em300-th"),
  "em310-udl": decodeMilesight("em310-udl"),
  "em320-th": decodeMilesight("em300-th"),
  "em400-mud": decodeMilesight("em400"),
  "em400-tld": decodeMilesight("em400"),
  "em400-udl": decodeMilesight("em400"),
  "em500-co2": decodeMilesight("em500-co2"),
  "em500-lgt": decodeMilesight("em500-lgt"),
  "em500-pp": decodeMilesight("em500-pp"),
  "em500-pt100": decodeMilesight("em500-pt100"),
  "em500-smt": decodeMilesight("em500-smtc"),
  "em500-smtc": decodeMilesight("em500-smtc"),
  "em500-swl": decodeMilesight("em500-swl"),
  "em500-udl": decodeMilesight("em500-udl"),
  am102: decodeMilesight("am102"),
  am103: decodeMilesight("am103"),
  am104: decodeMilesight("am104"),
  am107: decodeMilesight("am107"),
  am307: decodeMilesight("am307"),
  am308: decodeMilesight("am308"),
  am319: decodeMilesight("am319"),
  at101: decodeMilesight("at101"),
  ct101: decodeMilesight("ct10x"),
  ct103: decodeMilesight("ct10x"),
  ct105: decodeMilesight("ct10x"),
  gs101: decodeMilesight("gs101"),
  ts301: decodeMilesight("ts30x"),
  ts302: decodeMilesight("ts30x"),
  gs301: decodeMilesight("gs301"),
  gs524n: decodeGs524n,
  uc300: decodeMilesight("uc300"),
  uc501: decodeMilesight("uc50x"),
  uc502: decodeMilesight("uc50x"),
  ws501: decodeMilesight("ws501"),
  ws502: decodeMilesight("ws502"),
  ws503: decodeMilesight("ws503"),
  gs601: decodeGs601,
  lds01: decodeLds02,
  lds02: decodeLds02,
  lwl01: decodeLds02,
  lwl02: decodeLds02,
  lds03a: decodeOutdoor("doors"),
  ds03a: decodeOutdoor("doors"),
  lwl03a: decodeOutdoor("water"),
  wl03a: decodeOutdoor("water"),
  lwl04: decodeOutdoor("water", "volts"),
  pb01: decodePb01,
  cpl01: decodeOutdoor("input"),
  lht65: decodeLht65,
  lht65n: decodeLht65,
  "lht65n-vib": decodeLht65Vib,
  "lsn50-v2": decodeLsn50,
  // These have thermometers where the others have a contact.
  "lsn50-v2-d20": decodeBattery,
  "lsn50-v2-d22": decodeBattery,
  "lsn50-v2-d23": decodeBattery,
  "lt-22222": decodeLt22222,
  "lt-33222": decodeLt22222,
  "lgt-92": decodeTracker,
  trackerd: decodeTracker,
  ts01: decodeTs01,
  lbt1: decodeBattery,
  dds04: decodeBattery,
  dds20: decodeBattery,
  dds45: decodeBattery,
  dds75: decodeBattery,
  ldds12: decodeBattery,
  ldds20: decodeBattery,
  ldds45: decodeBattery,
  ldds75: decodeBattery,
  "sdi-12": decodeBattery
}

const models = Object.keys(decoders)

/** No LoRaWAN frame carries more (LoRaWAN Regional Parameters, N at DR 7 without a repeater). */
const bytesMax = 242

/**
 * Ports on which a stack speaks for itself, whatever the sensor: setting up multicast, updates and clocks (LoRaWAN TS003 to
 * TS006), and what the standard keeps (LoRaWAN L2 1.0.4, FPort).
 */
const isOfStack = (port: unknown): boolean => typeof port === "number" && ((port >= 200 && port <= 203) || port >= 224)

const wordOf = (pattern: string): RegExp => new RegExp(`(^|[^a-z0-9])${pattern}($|[^a-z0-9])`, "i")

/**
 * Each model as a word of its own, the longest first; people write "-" also as "_", as a blank or not at all, and makers put
 * the band there: `WS101-868M-SOS`; an "L" behind it is a model of less (AM307L).
 */
const modelWords = [...models]
  .sort((a, b) => b.length - a.length)
  .map((model) => [model, wordOf(model.replace("-", "[-_ ]?(\\d{3}m?[-_ ]?)?") + "l?")] as const)

/** The longest model's name that stands in the text as a word of its own: `WS101-SOS-3` is a `ws101-sos`. */
const modelIn = (text: string): string | undefined => modelWords.find(([, word]) => word.test(text))?.[0]

/** The model that all names agree on, or ""; what one leaves out another may say: `ws101`, of a device called `SOS 4`. */
const modelNamed = (names: ReadonlyArray<string>): string => {
  const short = names.map((name) => name.slice(0, 200))
  const found = new Set(short.flatMap((name) => modelIn(name) ?? []))
  const most = [...found].filter((one) => ![...found].some((other) => other.startsWith(`${one}-`)))
  const [only] = most
  if (only === undefined || most.length > 1) return ""
  const variants = models.filter((model) => model.startsWith(`${only}-`))
  return variants.find((model) => short.some((name) => wordOf(model.slice(only.length + 1)).test(name))) ?? only
}

/**
 * Reads a sensor's bytes (base64) by its model: the one configured, else the one that `names` (what the network server
 * calls the device and its profile) agree on. A model that nobody names is a fault, never a guess from the bytes.
 */
export const decodeLorawan = (
  text: unknown,
  port: unknown,
  configured: string,
  names: ReadonlyArray<string>
): { readonly decoded: object; readonly fault?: string } => {
  if (isOfStack(port)) return { decoded: {} }
  const bytes = fromBase64(text)
  if (bytes === undefined) return { decoded: {}, fault: "its bytes are not base64" }
  if (bytes.length > bytesMax)
    return { decoded: {}, fault: `it has ${bytes.length} bytes; a LoRaWAN frame carries at most ${bytesMax}` }
  const model = configured !== "" ? configured.toLowerCase() : modelNamed(names)
  const decoder = Object.hasOwn(decoders, model) ? decoders[model] : undefined
  if (decoder === undefined) {
    const which =
      configured === "" ? "it is not known which model sent these bytes" : `no model "${configured}" is known`
    return { decoded: {}, fault: `${which}; set parameters.model of the device to one of ${models.join(", ")}` }
  }
  const { value, fault } = decoder(bytes, typeof port === "number" ? port : undefined)
  return { decoded: { ...value, model }, ...(fault === undefined ? {} : { fault }) }
}
