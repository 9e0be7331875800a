import { Effect } from "effect"
import type { Alerts } from "../../alerts/alerts.ts"
import { may } from "../../api/rights.ts"
import { makeTries } from "../../api/tries.ts"
import type { Intake } from "../../intake/intake.ts"
import type { Settings } from "../../settings/load-settings.ts"
import { openAnswerKey } from "../answer-key.ts"
import { openPushDevices } from "../push/push-devices.ts"
import { type Inbound, makeInbound } from "./inbound.ts"

interface Faces {
  readonly intake: Intake["Service"]
  readonly alerts: Alerts["Service"]
  readonly settings: () => Pick<Settings, "campus" | "addresses" | "inbound">
  readonly dataDir: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Takes in what comes from outside, by the configuration in force. */
export const openInbound = ({ intake, alerts, settings, dataDir, now }: Faces): Effect.Effect<Inbound> =>
  Effect.sync(() => {
    const tries = makeTries(now)
    const devices = openPushDevices(dataDir)
    return makeInbound({
      sources: () => settings().inbound,
      people: () => settings().campus.people ?? [],
      addresses: () => settings().addresses,
      answers: openAnswerKey(dataDir),
      enter: (fact) => intake.enter(fact),
      report: intake.report,
      alert: (id) => alerts.one(id),
      acknowledge: (id, by, note) => alerts.acknowledge(id, by, note),
      mayAcknowledge: ({ role }) => may({ role }, "acknowledge"),
      deviceReceived: (person, device) => devices.received(person, device, now()),
      blockedFor: tries.blockedFor,
      failed: (who) => void tries.failed(who),
      now
    })
  })
