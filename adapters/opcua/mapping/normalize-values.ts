import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Scope } from "../../profile/path.ts"
import type { Reader } from "../../profile/reader.ts"
import { capturesIn } from "./normalize-node.ts"
import {
  attempt,
  finished,
  type Normalized,
  readerOf,
  tellAvailability,
  tellGap,
  type Telling,
  type Workings
} from "./normalize-message.ts"
import { valueScope } from "./normalize-scope.ts"
import type { Watched } from "./normalize-sources.ts"
import type { HeardValue } from "../sources.ts"

type ReadingMapping = Watched["readings"][number]

interface Last {
  readonly text: string
  readonly key: string
}

/** Whether a mapping's point depends on what the value is. */
const depends = ({ each, matches, condition }: ReadingMapping): boolean =>
  each !== undefined || matches !== undefined || condition !== undefined

/**
 * Reads variables. It remembers which points a variable has told of, because a bad status does not say; and the last value
 * of each, because the same value again is no second happening.
 */
export class Values {
  readonly #workings: Workings
  readonly #told = new Map<ReadingMapping, Map<string, Set<string>>>()
  readonly #last = new Map<string, Last>()

  constructor(workings: Workings) {
    this.#workings = workings
  }

  normalize(watched: Watched, heard: HeardValue, receivedAt: EpochMs): Normalized {
    const captures = capturesIn(watched.placed, heard.matched)
    const telling = this.#telling(heard, receivedAt)
    const reader = readerOf(this.#workings, telling)
    const scope = valueScope(heard, captures)
    attempt(reader, () => {
      for (const mapping of watched.readings) this.#reading(reader, mapping, heard.node, scope)
      for (const mapping of watched.occurrences)
        for (const each of reader.scopes(mapping, scope)) reader.occurrence(mapping, each)
      for (const mapping of watched.gaps) tellGap(this.#workings, reader, mapping, scope)
      for (const mapping of watched.availability) tellAvailability(this.#workings, reader, mapping, scope)
    })
    return finished(this.#workings, telling, reader)
  }

  #telling(heard: HeardValue, receivedAt: EpochMs): Telling {
    const { node, status, statusName, sourceTime, origin } = heard
    const good = status === "good" && heard.value !== null
    const why = status === "good" ? "no value" : statusName
    return {
      heard,
      receivedAt,
      source: good ? node : `${node} (${why})`,
      recovery: origin === "recovery",
      empty: !good,
      deviceTime: sourceTime,
      ...(good ? { happening: this.#happening(heard, sourceTime ?? receivedAt) } : {})
    }
  }

  /** A value that is told again is the same happening, however its status was in between. */
  #happening({ key, node, value }: HeardValue, at: EpochMs): string {
    const where = `${key} ${node}`
    const text = JSON.stringify(value)
    const last = this.#last.get(where)
    if (last?.text === text) return last.key
    const happening = `value:${node}:${at}`
    this.#last.set(where, { text, key: happening })
    return happening
  }

  #reading(reader: Reader, mapping: ReadingMapping, node: string, outer: Scope): void {
    if (!depends(mapping)) return reader.reading(mapping, outer)
    if (reader.heard.empty) {
      for (const point of this.#told.get(mapping)?.get(node) ?? []) reader.reading({ ...mapping, point }, outer)
      return
    }
    const before = reader.observations.length
    for (const scope of reader.scopes(mapping, outer)) reader.reading(mapping, scope)
    const points = reader.observations.slice(before).flatMap((one) => (one._tag === "Reading" ? [one.point] : []))
    if (points.length === 0) return
    const nodes = this.#told.get(mapping) ?? new Map<string, Set<string>>()
    nodes.set(node, new Set([...(nodes.get(node) ?? []), ...points]))
    this.#told.set(mapping, nodes)
  }
}
