/** GSM 03.38: one septet each. */
const basic =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
/** Its extension table: two septets each. */
const extended = "\f^{}\\[~]|€"

const septets = new Map<string, 1 | 2>(Array.from(basic).map((sign) => [sign, 1]))
for (const sign of extended) septets.set(sign, 2)

/** Typographic signs whose plain twin spares the whole text from UCS-2, which holds less than half. */
const plainTwins: Readonly<Record<string, string>> = {
  "\u00A0": " ",
  "\u2013": "-",
  "\u2014": "-",
  "\u2212": "-",
  "\u2018": "'",
  "\u2019": "'",
  "\u201C": '"',
  "\u201D": '"',
  "\u2026": "...",
  "\u00B7": "-",
  "\u2022": "-",
  "\u2192": "->",
  "\u00D7": "x"
}

/** How a text goes over the air: its alphabet, and in how many parts. */
export interface SmsSize {
  readonly alphabet: "GSM-7" | "UCS-2"
  readonly parts: number
}

/**
 * What one part holds, alone and as one of several (3GPP TS 23.040: 140 bytes, 6 of them for the header that joins parts):
 * septets or UTF-16 units.
 */
const room = { "GSM-7": { alone: 160, joined: 153 }, "UCS-2": { alone: 70, joined: 67 } } as const

const alphabetOf = (text: string): SmsSize["alphabet"] =>
  Array.from(text).every((sign) => septets.has(sign)) ? "GSM-7" : "UCS-2"

/** What a sign takes; one sign is never torn between two parts. */
const costOf = (sign: string, alphabet: SmsSize["alphabet"]): number =>
  alphabet === "GSM-7" ? (septets.get(sign) ?? 1) : sign.length

/** In how many parts a text goes, and by which alphabet. */
export const smsSize = (text: string): SmsSize => {
  const alphabet = alphabetOf(text)
  const costs = Array.from(text).map((sign) => costOf(sign, alphabet))
  const { alone, joined } = room[alphabet]
  if (costs.reduce((sum, cost) => sum + cost, 0) <= alone) return { alphabet, parts: 1 }
  let [parts, used] = [1, 0]
  for (const cost of costs) {
    if (used + cost > joined) [parts, used] = [parts + 1, 0]
    used += cost
  }
  return { alphabet, parts }
}

const plain = (text: string): string =>
  text
    .normalize("NFC")
    .replace(/\p{Cc}+/gu, (controls) => (controls.includes("\n") ? "\n" : " "))
    .replace(/./gu, (sign) => plainTwins[sign] ?? sign)

/**
 * A text as it is sent: typographic signs by their plain twins, and cut so that it takes `partsMax` parts at most. `head`
 * (the alert's short id) and `tail` (how to answer) stay whole; what stands between is cut, and "..." says so.
 */
export const smsText = (
  { head, body, tail }: { readonly head: string; readonly body: string; readonly tail: string },
  partsMax: number
): string => {
  const [first, last] = [plain(head), plain(tail)]
  const middle = Array.from(plain(body))
  const whole = (upTo: number): string => {
    const kept = upTo < middle.length ? `${middle.slice(0, upTo).join("").trimEnd()}...` : middle.join("")
    return [first, kept, last].filter((piece) => piece !== "").join(" ")
  }
  if (smsSize(whole(middle.length)).parts <= partsMax) return whole(middle.length)
  let [fits, tooLong] = [0, middle.length]
  while (tooLong - fits > 1) {
    const between = Math.floor((fits + tooLong) / 2)
    if (smsSize(whole(between)).parts <= partsMax) fits = between
    else tooLong = between
  }
  return whole(fits)
}

/** A number as people write it, as digits with its leading +; `undefined` when it is none (E.164: 15 digits at most). */
export const telephoneNumber = (written: string): string | undefined => {
  const digits = written.replaceAll(/[\s().-]/g, "").replace(/^00/, "+")
  return /^\+[1-9]\d{5,14}$/.test(digits) ? digits : undefined
}
