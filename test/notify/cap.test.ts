import { Schema } from "effect"
import sax from "sax"
import { afterEach, describe, expect, test } from "vitest"
import { type CapSender, capMessages, type CapStep } from "../../gateway/notify/cap/cap-alert.ts"
import { CapSettings } from "../../gateway/notify/cap/cap-channel.ts"
import { startCallingGateway } from "./calling-gateway.ts"

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

interface Element {
  readonly name: string
  readonly children: Array<Element>
  text: string
}

/** A document as a tree; throws where it is not well-formed. */
const parse = (xml: string): Element => {
  const root: Element = { name: "", children: [], text: "" }
  const open = [root]
  const parser = sax.parser(true)
  parser.onerror = (error) => {
    throw error
  }
  parser.onopentag = ({ name }) => {
    const element: Element = { name, children: [], text: "" }
    open.at(-1)?.children.push(element)
    open.push(element)
  }
  parser.ontext = (text) => void (open.at(-1)!.text += text)
  parser.onclosetag = () => void open.pop()
  parser.write(xml).close()
  return root.children[0]!
}

const child = (element: Element, name: string): Element | undefined => element.children.find((one) => one.name === name)
const text = (element: Element, ...path: ReadonlyArray<string>): string | undefined =>
  path.reduce<Element | undefined>((here, name) => (here === undefined ? undefined : child(here, name)), element)?.text

/** The order of elements, and the words of codes, that CAP 1.2 (section 3.4, its schema) lays down. */
const alertOrder =
  "identifier sender sent status msgType source scope restriction addresses code note references incidents info".split(
    " "
  )
const infoOrder =
  "language category event responseType urgency severity certainty audience eventCode effective onset expires senderName headline description instruction web contact parameter resource area".split(
    " "
  )
const codes: Readonly<Record<string, string>> = {
  status: "Actual Exercise System Test Draft",
  msgType: "Alert Update Cancel Ack Error",
  scope: "Public Restricted Private",
  category: "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
  responseType: "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
  urgency: "Immediate Expected Future Past Unknown",
  severity: "Extreme Severe Moderate Minor Unknown",
  certainty: "Observed Likely Possible Unlikely Unknown"
}
const capDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/

const inOrder = (names: ReadonlyArray<string>, order: ReadonlyArray<string>): boolean => {
  const places = names.map((name) => order.indexOf(name))
  return places.every((place, nth) => place >= 0 && place >= (places[nth - 1] ?? 0))
}

/** What the standard's schema would refuse. */
const faultsOf = (alert: Element): ReadonlyArray<string> => {
  const faults: Array<string> = []
  const info = child(alert, "info")!
  if (
    !inOrder(
      alert.children.map(({ name }) => name),
      alertOrder
    )
  )
    faults.push("the order of alert")
  if (
    !inOrder(
      info.children.map(({ name }) => name),
      infoOrder
    )
  )
    faults.push("the order of info")
  for (const [name, words] of Object.entries(codes)) {
    const said = text(alert, name) ?? text(info, name)
    if (said === undefined || !words.split(" ").includes(said)) faults.push(`${name} is ${said}`)
  }
  for (const said of [text(alert, "sent"), text(info, "effective"), text(info, "onset"), text(info, "expires")])
    if (said === undefined || !capDate.test(said)) faults.push(`a time is ${said}`)
  if (/[\s,<&]/.test(text(alert, "identifier") ?? " ")) faults.push("the identifier")
  if (child(child(info, "area")!, "areaDesc") === undefined) faults.push("an area without words")
  return faults
}

const sender: CapSender = {
  sender: "gatehouse@campus.edu",
  senderName: "North & South campus",
  status: "Exercise",
  site: "north",
  language: "en-US",
  restriction: "Police <only>",
  expireMinutes: 60
}

const at = Date.UTC(2026, 10, 27, 12)

const step = (seq: number, transition: string, alert: object): CapStep =>
  ({
    seq,
    change: {
      transition,
      at: at + seq * 1000,
      by: "R. Alvarez",
      why: [],
      alert: {
        id: "A-7",
        condition: "DoorForcedOpen",
        priority: 1,
        validationLevel: 2,
        title: "Terminated credential of Jo Doe",
        active: true,
        acknowledged: false,
        closed: false,
        count: 1,
        occurredAt: at,
        rule: "door.forced",
        ...alert
      }
    }
  }) as unknown as CapStep

const course = [
  step(7, "raised", {}),
  step(9, "evidence-kept", {}),
  step(11, "acknowledged", { acknowledged: true }),
  step(20, "closed", { acknowledged: true, closed: true, outcome: "real" })
]

describe("an alert as CAP 1.2", () => {
  const messages = capMessages(course, { sender, where: 'Hall "A" & B · East <exit>' })
  const documents = messages.map(({ xml }) => parse(xml))

  test("keeps to the order, the codes and the times of the standard, whatever words are in it", () => {
    expect(documents.map(faultsOf)).toEqual([[], [], []])
    expect(text(documents[0]!, "info", "area", "areaDesc")).toBe('Hall "A" & B · East <exit>')
  })

  test("is an Alert, then Updates, and a Cancel at its end, each with references to all before it", () => {
    expect(documents.map((document) => text(document, "msgType"))).toEqual(["Alert", "Update", "Cancel"])
    expect(documents.map((document) => text(document, "references"))).toEqual([
      undefined,
      "gatehouse@campus.edu,north-A-7-7,2026-11-27T12:00:07-00:00",
      "gatehouse@campus.edu,north-A-7-7,2026-11-27T12:00:07-00:00 gatehouse@campus.edu,north-A-7-11,2026-11-27T12:00:11-00:00"
    ])
    expect(text(documents[2]!, "info", "urgency")).toBe("Past")
    expect(text(documents[2]!, "info", "responseType")).toBe("AllClear")
  })

  test("says Exercise or Test where it is one, and names no officer and no card holder", () => {
    expect(documents.map((document) => text(document, "status"))).toEqual(["Exercise", "Exercise", "Exercise"])
    const whole = messages.map(({ xml }) => xml).join("")
    expect(whole).not.toContain("Alvarez")
    expect(whole).not.toContain("Jo Doe")
  })

  test("is a Test until somebody says otherwise", () => {
    expect(Schema.decodeUnknownSync(CapSettings)({ sender: "gatehouse@campus.edu" }).status).toBeUndefined()
    expect(() => Schema.decodeUnknownSync(CapSettings)({ sender: "a b" })).toThrow("without blanks")
  })
})

test("an alert that a policy tells the feed of stands there, and each of its messages at its own address", async () => {
  const gateway = await startCallingGateway(`escalations:
  - id: publish
    steps:
      - { afterSeconds: 0, to: [{ channel: board }, { role: officer }, { role: supervisor }] }
notify: { routes: { critical: publish } }
`)
  cleanups.push(gateway.stop)
  await gateway.signed("phone-app", { id: "call-1", kind: "panic", area: "hall" })
  const headers = { authorization: `Bearer ${gateway.token}` }
  const fetched = async (path: string) => fetch(path.startsWith("http") ? path : gateway.url + path, { headers })
  const feed = async () => parse(await (await fetched("/api/v1/cap/board")).text())
  await expect.poll(async () => (await feed()).children.filter(({ name }) => name === "entry").length).toBe(1)
  const answer = await fetched("/api/v1/cap/board")
  expect(answer.headers.get("content-type")).toContain("application/atom+xml")
  const body = await answer.text()
  const [, address = ""] = /rel="alternate" type="application\/cap\+xml" href="([^"]+)"/.exec(body) ?? []
  const message = await fetched(address)
  expect(message.headers.get("content-type")).toContain("application/cap+xml")
  const document = parse(await message.text())
  expect(faultsOf(document)).toEqual([])
  expect(text(document, "status")).toBe("Test")
  expect(text(document, "info", "headline")).toMatch(/^Panic pressed: Science Hall/)
  const alert = (await gateway.alerts()).find(({ condition }) => condition === "PanicPressed")
  const act = { ...headers, "content-type": "application/json" }
  await gateway.post(`/alerts/${String(alert?.["id"])}/acknowledge`, "{}", act)
  await expect.poll(async () => (await feed()).children.filter(({ name }) => name === "entry").length).toBe(2)
  expect((await fetched("/api/v1/cap/nowhere")).status).toBe(404)
  expect((await fetch(`${gateway.url}/api/v1/cap/board`)).status).toBe(401)
})
