/** A text message as a simulated phone shows it. */
export interface PhoneText {
  /** The how manieth of all phones. */
  readonly nth: number
  /** The number that it went to, such as `+13125550101`. */
  readonly to: string
  readonly text: string
  /** When it came: epoch milliseconds. */
  readonly at: number
  /** What the person answered, and what the gateway said to that. */
  readonly answers: ReadonlyArray<{ readonly text: string; readonly outcome: string }>
}

/** So many texts are kept of all phones together, the newest. */
const textsKept = 200

/** The texts of all phones, the newest first. */
export type Texts = ReadonlyArray<PhoneText>

/** With a text that has just come. */
export const withText = (texts: Texts, text: PhoneText): Texts => [text, ...texts].slice(0, textsKept)

/** With what became of an answer to the text of this number; the same where it is forgotten by now. */
export const withAnswer = (texts: Texts, nth: number, answer: PhoneText["answers"][number]): Texts =>
  texts.map((text) => (text.nth === nth ? { ...text, answers: [...text.answers, answer] } : text))

/** The answer that a text asks for: "145 K7QX" of "… Reply 145 K7QX to acknowledge". */
export const askedAnswer = (text: string): string => /\bReply (\S+ \S+) to acknowledge/.exec(text)?.[1] ?? ""
