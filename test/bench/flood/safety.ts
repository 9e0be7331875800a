import { alertAfter } from "../parts/alerts.ts"
import { idsOf } from "../parts/campus.ts"
import { connectDevice, type Device } from "../parts/device.ts"
import { startConnectedDevices } from "../parts/devices.ts"
import type { GatewaySubject } from "../parts/gateway-subject.ts"
import { type Row, tell } from "../parts/report.ts"
import { type Spread, spreadOf } from "../parts/spread.ts"
import { withGateway } from "../parts/with-gateway.ts"

/** A life-safety alert is on the screen within a second, whatever else happens. */
const aim = { below: 1000 }

/** The flood is on when so many of its presses are in the log. */
const underWay = 10_000

/** Somebody who may need help: a panic button, and the contact of a door that may be forced. */
interface Person {
  readonly panic: Device
  readonly contact: Device
  readonly nth: number
}

interface Alerts {
  readonly panic: Spread
  readonly forced: Spread
}

/** Calls for help and forces a door, person after person. */
const callForHelp = async (gateway: GatewaySubject, people: ReadonlyArray<Person>): Promise<Alerts> => {
  const [panic, forced]: [Array<number>, Array<number>] = [[], []]
  for (const { nth, ...its } of people) {
    const press = () => its.panic.publish(JSON.stringify({ action: "panic" }))
    panic.push(await alertAfter(gateway, `device:panic-${nth}`, press))
    const open = () => its.contact.publish(JSON.stringify({ contact: false }))
    forced.push(await alertAfter(gateway, `door:door-of-contact-${nth}`, open))
  }
  return { panic: spreadOf(panic), forced: spreadOf(forced) }
}

/** All on connections of their own; every door is closed. */
const connectPeople = (port: number, count: number): Promise<ReadonlyArray<Person>> =>
  Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const nth = at + 1
      const panic = await connectDevice({ port, id: `panic-${nth}` })
      const contact = await connectDevice({ port, id: `contact-${nth}` })
      await new Promise<void>((resolve) => {
        contact.onAnswer(resolve)
        contact.publish(JSON.stringify({ contact: true }))
      })
      return { panic, contact, nth }
    })
  )

const rowsOf = (when: string, { panic, forced }: Alerts): ReadonlyArray<Row> => [
  { what: `panic to alert ${when}, p50, ms`, gateway: panic.p50 },
  { what: `panic to alert ${when}, max, ms`, gateway: panic.max, aim },
  { what: `forced door to alert ${when}, p50, ms`, gateway: forced.p50 },
  { what: `forced door to alert ${when}, max, ms`, gateway: forced.max, aim }
]

export interface SafetyOptions {
  readonly repeats: number
  readonly devices: number
  /** Presses of each device under way at a time. */
  readonly window: number
}

/** How long a call for help takes to become an alert on the screen, at rest and while devices flood the gateway. */
export const safety = ({ repeats, devices, window }: SafetyOptions): Promise<ReadonlyArray<Row>> => {
  const count = 2 * repeats + 1
  const campus = { buttons: idsOf("button", devices), panics: idsOf("panic", count), contacts: idsOf("contact", count) }
  return withGateway(campus, async (gateway, { mqttPort }) => {
    const people = await connectPeople(mqttPort, count)
    const flood = await startConnectedDevices(mqttPort, campus.buttons)
    try {
      // A gateway judges no door in its first seconds: the first person is not counted.
      await callForHelp(gateway, people.slice(0, 1))
      const atRest = await callForHelp(gateway, people.slice(1, repeats + 1))
      tell({ safety: "at rest", ...atRest })
      await flood.have({ do: "flood", window, underWay })
      const startedAt = performance.now()
      let presses = 0
      gateway.onPress(() => void presses++)
      const flooded = await callForHelp(gateway, people.slice(repeats + 1))
      const perSecond = presses / ((performance.now() - startedAt) / 1000)
      const { reconnects } = await flood.have({ do: "tell" })
      const more = people.reduce((all, { panic, contact }) => all + panic.reconnects + contact.reconnects, 0)
      tell({
        safety: "in the flood",
        ...flooded,
        floodPerSecond: perSecond,
        closedDevices: reconnects,
        closedCallers: more
      })
      return [
        ...rowsOf("at rest", atRest),
        ...rowsOf("in the flood", flooded),
        { what: "connections of flooding devices closed", gateway: reconnects },
        { what: "connections of callers for help closed", gateway: more, aim: { atMost: 0 } }
      ]
    } finally {
      await flood.stop()
      for (const { panic, contact } of people) for (const device of [panic, contact]) device.close()
    }
  })
}
