import { Data } from "effect"
import { AnswerLost, CredentialsRejected, LinkLost, Unable } from "../../adapter.ts"
import type { CallFailed } from "./connection.ts"

/** What a failed call means for the link: a person must act, or it is tried again. */
export const linkErrorOf = ({ kind, reason }: CallFailed): LinkLost | CredentialsRejected =>
  kind === "unauthorized" || kind === "unpinned" ? new CredentialsRejected({ reason }) : new LinkLost({ reason })

/** What it means for something that was asked of the device. */
export const unableFor =
  (what: string) =>
  ({ fault, reason }: CallFailed): Unable =>
    new Unable({ reason: `${what}: ${fault === undefined ? reason : faultWords(fault)}` })

/**
 * What it means for something that changes the device. It is known not to have been done where the device says so, where
 * it does not take who we are, and where the request never left; else the answer alone may have been lost.
 */
export const undoneOrLost =
  (what: string) =>
  (failure: CallFailed): Unable | AnswerLost => {
    const { kind, reason, unsent } = failure
    const isUndone = kind === "fault" || kind === "unauthorized" || kind === "unpinned" || unsent === true
    return isUndone ? unableFor(what)(failure) : new AnswerLost({ reason: `no answer tells what was done: ${reason}` })
  }

const faultWords = ({ reason, subcodes, code }: NonNullable<CallFailed["fault"]>): string => {
  const codes = [...new Set(subcodes)].join(", ")
  if (reason === "") return `the device refuses (${codes === "" ? code : codes})`
  return `the device refuses: ${reason}${codes === "" ? "" : ` (${codes})`}`
}

/** The device has no pull points, whatever it says of itself. */
export class NoPullPoints extends Data.TaggedError("NoPullPoints") {}

/** ONVIF Core, section 5.8.2.2: `ter:ActionNotSupported` is what a device does not have. */
export const isNotImplemented = ({ fault }: CallFailed): boolean =>
  fault?.subcodes.some((code) => code === "ActionNotSupported" || code === "OptionalActionNotImplemented") === true
