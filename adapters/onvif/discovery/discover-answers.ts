import { plainUuid, type ProbeMatch } from "./ws-discovery.ts"

/** A device that answered, put together from all that it said. */
export interface Answered extends ProbeMatch {
  /** Where its answers came from. */
  readonly from: ReadonlyArray<string>
}

/** So many devices are remembered, and so many of one endpoint: two were seen. */
const devicesMax = 4096
const endpointMax = 16

const united = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set([...a, ...b])]

const merged = (one: Answered, other: Answered): Answered => ({
  endpoint: one.endpoint,
  types: united(one.types, other.types),
  scopes: united(one.scopes, other.scopes),
  xaddrs: united(one.xaddrs, other.xaddrs),
  from: united(one.from, other.from)
})

/**
 * What came, by device. A device answers each question, each repetition and on each interface. Answers are one device's
 * when both the endpoint and an address agree: two devices of one batch were seen to share an endpoint, and two with a
 * maker's usual address share that.
 */
export class Answers {
  readonly #byEndpoint = new Map<string, ReadonlyArray<Answered>>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** False when there is no room for another device. */
  add(match: ProbeMatch, from: string): boolean {
    const endpoint = plainUuid(match.endpoint)
    const known = this.#byEndpoint.get(endpoint) ?? []
    const isSame = ({ xaddrs }: Answered): boolean => xaddrs.some((address) => match.xaddrs.includes(address))
    const same = known.filter(isSame)
    if (same.length === 0 && (this.#count >= devicesMax || known.length >= endpointMax)) return false
    const one = [...same, { ...match, from: [from] }].reduce(merged)
    const devices = [...known.filter((device) => !isSame(device)), one]
    this.#count += devices.length - known.length
    this.#byEndpoint.set(endpoint, devices)
    return true
  }

  devices(): ReadonlyArray<Answered> {
    return [...this.#byEndpoint.values()].flat()
  }
}
