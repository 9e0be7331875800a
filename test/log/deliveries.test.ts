import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import type { Delivery } from "../../adapters/adapter.ts"
import { openForReading, openForWriting } from "../../gateway/log/database.ts"
import { Deliveries } from "../../gateway/log/deliveries.ts"
import { temporaryDirectory } from "../road/peers.ts"

const directory = temporaryDirectory("deliveries")
afterAll(() => directory.dispose())

let files = 0

/** What is remembered, over a log of its own. One batch at a time is taken for the disk; then it is there, or refused. */
const remembering = () => {
  const file = join(directory.path, `${files++}.db`)
  const writing = openForWriting(file, "test", 0)
  const insert = writing.prepare("INSERT INTO delivery (link, last, body) VALUES (?, ?, ?)")
  const reading = openForReading(file)
  let deliveries = new Deliveries(reading)
  let taken: ReturnType<Deliveries["taken"]> = []
  const written = (): void => {
    for (const row of taken) insert.run(row)
    taken = []
  }
  return {
    isAgain: (delivery: Delivery, link = "mqtt") => deliveries.isAgain(link, delivery),
    taken: () => {
      written()
      taken = deliveries.taken()
    },
    written,
    refused: () => {
      taken = []
      deliveries.drop()
    },
    restarted: () => void (deliveries = new Deliveries(reading)),
    forget: () => deliveries.forget(),
    close: () => {
      reading.close()
      writing.close()
    }
  }
}

/** One of two senders says something on one of two links. */
type Said = Omit<Delivery, "session"> & { readonly sender: "x" | "y"; readonly link: "one" | "two" }

type Happens =
  | "the store takes a batch"
  | "the store has written"
  | "the store refuses"
  | "a restart"
  | "a snapshot"
  | "x connects anew"
  | "y connects anew"

type Step = Said | Happens

const said: fc.Arbitrary<Said> = fc
  .record({
    sender: fc.constantFrom("x" as const, "y" as const),
    link: fc.constantFrom("one" as const, "two" as const),
    packet: fc.constantFrom(1, 2),
    redelivered: fc.boolean(),
    digest: fc.constantFrom("open", "open", "open", "closed")
  })
  .map(({ packet, ...rest }) => ({ ...rest, slot: `${rest.sender} ${packet}` }))

const others = fc.constantFrom<Step>(
  "the store takes a batch",
  "the store takes a batch",
  "the store has written",
  "the store refuses",
  "a restart",
  "a snapshot",
  "x connects anew",
  "y connects anew"
)

const steps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.oneof({ arbitrary: said as fc.Arbitrary<Step>, weight: 3 }, { arbitrary: others, weight: 1 }),
  { maxLength: 60, size: "max" }
)

describe("a message that its transport delivers again", () => {
  it("is known by the newest that was kept in its slot, whichever commit kept it", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const remembered = remembering()
        // On disk, at the store, and since then: the newest in each slot.
        let [onDisk, atStore] = [new Map<string, Delivery>(), new Map<string, Delivery>()]
        let newest = new Map<string, Delivery>()
        const [wanted, found]: [Array<boolean>, Array<boolean>] = [[], []]
        const connections = { x: 0, y: 0 }
        for (const step of all) {
          if (step === "x connects anew") connections.x++
          else if (step === "y connects anew") connections.y++
          else if (step === "a snapshot") remembered.forget()
          else if (step === "the store takes a batch") {
            remembered.taken()
            ;[onDisk, atStore] = [atStore, new Map(newest)]
          } else if (step === "the store has written") {
            remembered.written()
            onDisk = atStore
          } else if (step === "the store refuses") {
            remembered.refused()
            ;[atStore, newest] = [onDisk, new Map(onDisk)]
          } else if (step === "a restart") {
            remembered.taken()
            remembered.written()
            remembered.restarted()
            ;[onDisk, atStore] = [newest, newest]
            newest = new Map(newest)
          } else {
            const { sender, link, ...rest } = step
            const now = { ...rest, session: `${sender}${connections[sender]}` }
            const known = newest.get(`${link} ${now.slot}`)
            const again =
              now.redelivered && known !== undefined && known.session !== now.session && known.digest === now.digest
            wanted.push(again)
            found.push(remembered.isAgain(now, link))
            if (!again) newest.set(`${link} ${now.slot}`, now)
          }
        }
        remembered.close()
        expect(found).toEqual(wanted)
      }),
      { numRuns: 300 }
    )
  })

  it("is looked for among the last ten thousand of its link, and not before them", () => {
    const remembered = remembering()
    const of = (nth: number, session: string, redelivered: boolean): Delivery => ({
      slot: String(nth),
      session,
      redelivered,
      digest: "open"
    })
    for (let nth = 1; nth <= 25_000; nth++) {
      remembered.isAgain(of(nth, "a", false))
      if (nth % 500 === 0) remembered.taken()
    }
    expect(remembered.isAgain(of(15_001, "b", true))).toBe(true)
    expect(remembered.isAgain(of(15_000, "b", true))).toBe(false)
    remembered.close()
  })
})
