import { fromBase64 } from "./decode-base64.ts"
import { decodeLds02, decodeOutdoor, decodePb01 } from "./decode-dragino.ts"
import { decodeMilesight } from "./decode-milesight.ts"
import { decodeGs601 } from "./decode-milesight-commands.ts"

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
  vs370: decodeMilesight("vs370"),
  vs373: decodeMilesight("vs373"),
  "em300-mcs": decodeMilesight("em300"),
  "em300-mld": decodeMilesight("em300-leak"),
  "em300-sld": decodeMilesight("em300-leak"),
  "em300-zld": decodeMilesight("em300-leak"),
  "em300-di": decodeMilesight("em300-di"),
  "em310-tilt": decodeMilesight("em310-tilt"),
  "em320-tilt": decodeMilesight("em320-tilt"),
  gs101: decodeMilesight("gs101"),
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
  pb01: decodePb01
}

const models = Object.keys(decoders)

/** No LoRaWAN frame carries more (LoRaWAN Regional Parameters, N at DR 7 without a repeater). */
const bytesMax = 242

const wordOf = (pattern: string): RegExp => new RegExp(`(^|[^a-z0-9])${pattern}($|[^a-z0-9])`, "i")

/**
 * Each model as a word of its own, the longest first; people write "-" also as "_", as a blank or not at all, and makers put
 * the band there: `WS101-868M-SOS`.
 */
const modelWords = [...models]
  .sort((a, b) => b.length - a.length)
  .map((model) => [model, wordOf(model.replace("-", "[-_ ]?(\\d{3}m?[-_ ]?)?"))] as const)

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
