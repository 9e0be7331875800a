import { Data } from "effect"
import { CredentialsRejected, LinkLost, Unable } from "../adapter.ts"
import type { CallFailed } from "./connection.ts"

/** What a failed call means for the link: a person must act, or it is tried again. */
export const linkErrorOf = ({ kind, reason }: CallFailed): LinkLost | CredentialsRejected =>
  kind === "unauthorized" || kind === "unpinned" ? new CredentialsRejected({ reason }) : new LinkLost({ reason })

/** What it means for something that was asked of the device. */
export const unableFor =
  (what: string) =>
  ({ fault, reason }: CallFailed): Unable =>
    new Unable({ reason: `${what}: ${fault === undefined ? reason : faultWords(fault)}` })

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
