import { expect, it } from "vitest"
import { Listened } from "../../../adapters/mqtt/listened.ts"

const listened = (...filters: ReadonlyArray<string>): Listened => {
  const all = new Listened()
  for (const filter of filters) all.granted(filter)
  return all
}

it("nobody hears a topic before somebody was granted a filter that brings it", () => {
  const all = listened("lamps/+/set")
  expect(all.mayHear("doors/east")).toBe(false)
  all.granted("doors/#")
  expect(all.mayHear("doors/east")).toBe(true)
  expect(all.mayHear("doors")).toBe(true)
  expect(all.mayHear("lamps/1/set")).toBe(true)
  expect(all.mayHear("lamps//set")).toBe(true)
  expect(all.mayHear("lamps/1/state")).toBe(false)
})

it("anybody may hear anything once there were more filters than are kept", () => {
  const some = Array.from({ length: 999 }, (_, nth) => `lamps/${nth}`)
  expect(listened(...some).mayHear("doors/east")).toBe(false)
  expect(listened(...some, "one/more").mayHear("doors/east")).toBe(true)
})

it("an answer is the same however many topics were asked for since", () => {
  const all = listened("doors/#")
  const asked = (): ReadonlyArray<boolean> => ["doors/east", "lamps/1"].map((topic) => all.mayHear(topic))
  expect(asked()).toEqual([true, false])
  for (let nth = 0; nth < 20_000; nth++) all.mayHear(`lamps/${nth}`)
  expect(asked()).toEqual([true, false])
})
