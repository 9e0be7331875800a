import { Schema } from "effect"

/**
 * What came of the sound test at the start of a shift: the officer heard the alarm; they did not, and it is to be mended;
 * or where they sit nothing sounds (a phone in the pocket).
 */
export const SoundTest = Schema.Literals(["heard", "not-heard", "no-sound"]).annotate({ identifier: "SoundTest" })
export type SoundTest = typeof SoundTest.Type
