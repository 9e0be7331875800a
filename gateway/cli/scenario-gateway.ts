import { HashMap } from "effect"
import type { Report } from "../../adapters/adapter.ts"
import type { Decision } from "../correlation/decision.ts"
import { fold, initial, nextDue } from "../correlation/fold.ts"
import { freeze, type Frozen, thaw } from "../correlation/snapshot.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Campus } from "../domain/campus.ts"
import type { DoorStanding } from "../domain/door.ts"
import type { Fact } from "../domain/fact.ts"
import { type AlertId, type EpochMs, LinkId } from "../domain/ids.ts"
import { DeviceClocks } from "../intake/stamp.ts"

/** Which alert is meant: what is left out may be any. */
export interface OpenAlertQuery {
  readonly condition: string
  readonly door?: string | undefined
  readonly device?: string | undefined
  readonly area?: string | undefined
}

/** What the fold concluded, and when by the gateway's clock. */
export interface Concluded {
  readonly at: EpochMs
  readonly decision: Decision
}

export interface ScenarioGatewayOptions {
  readonly campus: Campus
  readonly configVersion: string
  /** The link everything is heard on. */
  readonly link: string
  /** Told of each fact as it is kept. */
  readonly kept?: ((fact: Fact) => void) | undefined
}

/**
 * A gateway on virtual time: intake's clocks and duplicates and the fold itself, with a log that lasts as long as the
 * value. Time comes with the calls and never goes back; what falls due in between fires at its own instant.
 */
export class ScenarioGateway {
  readonly concluded: Array<Concluded> = []
  readonly #options: ScenarioGatewayOptions
  readonly #link: LinkId
  /** What the log remembers of packets and of native keys: a restart loses neither. */
  readonly #packets = new Map<string, { readonly session: string; readonly digest: string }>()
  readonly #keys = new Set<string>()
  #clocks = new DeviceClocks()
  #situation: Situation = initial
  #seq = 0
  #frozen: Frozen | undefined
  #diedAt: EpochMs | undefined
  #up = false

  constructor(options: ScenarioGatewayOptions) {
    this.#options = options
    this.#link = LinkId.make(options.link)
  }

  /** The process begins, from what its snapshot holds; `gap` is what its link finds it has missed. */
  start(at: EpochMs, gap: string | undefined): void {
    if (this.#frozen !== undefined) this.#situation = thaw(this.#frozen)
    this.#up = true
    this.#keep({ _tag: "GatewayStarted", at, ...(this.#diedAt === undefined ? {} : { blindFrom: this.#diedAt }) })
    const { campus, configVersion } = this.#options
    if (this.#situation.configVersion !== configVersion)
      this.#keep({ _tag: "ConfigApplied", at, version: configVersion, campus, by: "scenario" })
    this.#keep({ _tag: "LinkChanged", at, link: this.#link, state: { _tag: "Connecting" } })
    if (gap !== undefined)
      this.report({ observations: [{ _tag: "Gap", cause: "SessionLost", detail: gap }], receivedAt: at })
    this.#keep({ _tag: "LinkChanged", at, link: this.#link, state: { _tag: "Online" } })
  }

  /** The process is gone; what it kept goes through JSON, as in the store. */
  die(at: EpochMs): void {
    this.advance(at)
    this.#frozen = JSON.parse(JSON.stringify(freeze(this.#situation))) as Frozen
    this.#diedAt = at
    this.#clocks = new DeviceClocks()
    this.#up = false
  }

  /** Time has come to `to`: what falls due until then fires, each at its own instant. */
  advance(to: EpochMs): void {
    if (!this.#up) return
    for (let due = nextDue(this.#situation); due !== undefined && due <= to; due = nextDue(this.#situation)) {
      this.#keep({ _tag: "TimePassed", at: Math.max(due, this.#situation.at) })
    }
  }

  /** See `ReportFn` of the adapter contract; here it is kept when the call returns. */
  report({ observations, receivedAt, delivery }: Report): void {
    this.advance(receivedAt)
    if (delivery !== undefined) {
      const known = this.#packets.get(delivery.slot)
      const again = known?.session !== delivery.session && known?.digest === delivery.digest
      if (delivery.redelivered && again) return
      this.#packets.set(delivery.slot, delivery)
    }
    for (const observation of observations) {
      if ("nativeKey" in observation && observation.nativeKey !== undefined) {
        const key = `${observation.device} ${observation.nativeKey}`
        if (this.#keys.has(key)) continue
        this.#keys.add(key)
      }
      this.#keep(this.#clocks.stamp({ at: receivedAt, link: this.#link, observation, receivedAt }))
    }
  }

  /** The link everything is heard on. */
  get link(): LinkId {
    return this.#link
  }

  /** The open alert of this condition, as far as is said about what. */
  openAlert({ condition, door, device, area }: OpenAlertQuery): AlertId | undefined {
    return [...HashMap.values(this.#situation.alerts)].find(
      (alert) =>
        alert.condition === condition &&
        (door === undefined || alert.door === door) &&
        (device === undefined || alert.device === device) &&
        (area === undefined || alert.area === area)
    )?.id
  }

  /** An officer's word enters. Nobody says anything to a gateway that does not run. */
  enter(fact: Fact): void {
    if (!this.#up) return
    this.advance(fact.at)
    this.#keep(fact)
  }

  /** Where the doors stand now; the answer stays as it is when time goes on. */
  standings(): (door: string) => DoorStanding | undefined {
    const { doors } = this.#situation
    return (door) => doors.get(door)?.standing
  }

  #keep(fact: Fact): void {
    const seq = this.#seq + 1
    const { situation, decisions } = fold(this.#situation, seq, fact)
    this.#options.kept?.(fact)
    this.#situation = situation
    this.#seq = seq + decisions.length
    for (const decision of decisions) this.concluded.push({ at: fact.at, decision })
  }
}
