import type { CallFailed } from "../wire/connection.ts"
import { StepFailed } from "../../probing/steps.ts"

const faultWords = ({ reason, fault }: CallFailed): string => {
  const codes = [...new Set(fault?.subcodes ?? [])].join(", ")
  return codes === "" || reason.includes(codes) ? reason : `${reason} (${codes})`
}

const todoFor = ({ kind, status }: CallFailed): string => {
  switch (kind) {
    case "unreachable":
      return "try again; if it goes on, restart the device and look how many programs are connected to it"
    case "timeout":
      return "the device takes connections and does not answer: restart it, and look how many programs are connected to it"
    case "unpinned":
      return "look at the certificate by `--enrol`"
    case "unauthorized":
      return "give the ONVIF user a higher level at the device: operator, or administrator where that does not suffice"
    case "http":
      return status === 404
        ? "write the whole address of its device service, as `discover onvif` shows it"
        : "check that this is the device's ONVIF port, and that ONVIF is switched on there"
    case "fault":
      return "the device does not take this call: look for newer firmware"
    case "unreadable":
      return "check that this is the device's ONVIF port: what answers there is something else, or broken"
  }
}

/** A step that ended because a call brought nothing; `what` is what came of it. `todo` where the step knows better. */
export const callFailed = (what: string, failure: CallFailed, todo = todoFor(failure)): StepFailed => {
  // A refusal says itself whom the device does not let in.
  const said = failure.kind === "unauthorized" ? failure.reason : `${what}: ${faultWords(failure)}`
  return new StepFailed({ said, todo, facts: { failure: failure.kind } })
}
