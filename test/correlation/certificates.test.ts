import { describe, expect, test } from "vitest"
import { DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import { campusOf, dawn, Stage } from "./door-stage.ts"

const dayS = 86_400
const days = (count: number): number => dawn + count * dayS * 1000

/** The reader's link shows a certificate that ends on that day. */
const shows = (
  stage: Stage,
  endsOn: number,
  more: { readonly holder?: "ours"; readonly device?: string } = {}
): Stage => {
  const { holder = "peer", device = "reader" } = more
  stage.enter({
    _tag: "Observed",
    link: LinkId.make("mqtt"),
    observation: {
      _tag: "Certificate",
      holder,
      ...(device === "" ? {} : { device: DeviceId.make(device) }),
      fingerprint: `${holder} ${device} ${endsOn}`,
      subject: "CN=reader",
      validUntil: days(endsOn),
      source: "test"
    },
    receivedAt: stage.now,
    occurredAt: stage.now
  })
  return stage
}

const told = (stage: Stage): ReadonlyArray<string> =>
  stage.events.flatMap((event) => {
    if (event._tag === "CertificateExpiring") return [`${event.certificate} in ${event.daysLeft}`]
    const over = event._tag === "CertificateExpired" || event._tag === "CertificateRenewed"
    return over ? [`${event.certificate} ${event._tag === "CertificateExpired" ? "has ended" : "is renewed"}`] : []
  })

const reader = "peer:reader"

describe("a certificate that a link rests on", () => {
  test("is told of as its end comes nearer, and once it has ended", () => {
    const stage = shows(new Stage().at(0), 40)
    stage.at(9 * dayS)
    expect(told(stage)).toEqual([])
    stage.at(41 * dayS)
    expect(told(stage)).toEqual([...[30, 14, 7, 3, 1].map((left) => `${reader} in ${left}`), `${reader} has ended`])
  })

  test("is told of at once where it is first seen with its end near, with the nearest notice alone", () => {
    const stage = shows(new Stage().at(0), 5)
    expect(told(stage)).toEqual([`${reader} in 7`])
    shows(stage, 5)
    expect(told(stage)).toEqual([`${reader} in 7`])
  })

  test("is over once another one is seen, and that is told of anew where it ends soon too", () => {
    const stage = shows(shows(new Stage().at(0), 5).at(60), 400)
    expect(told(stage)).toEqual([`${reader} in 7`, `${reader} is renewed`])
    shows(stage.at(399 * dayS), 410).at(399 * dayS + 1)
    expect(told(stage).slice(-3)).toEqual([`${reader} in 1`, `${reader} is renewed`, `${reader} in 14`])
  })

  test("is its own by device, by link and by whose it is", () => {
    const stage = shows(shows(shows(new Stage().at(0), 2), 2, { device: "" }), 2, { holder: "ours" })
    expect(told(stage)).toEqual([`${reader} in 3`, "peer:mqtt in 3", "ours:reader in 3"])
  })

  test("is watched on over a restart, also where a notice fell into the blind time", () => {
    const stage = shows(new Stage().at(0), 40).at(100)
    stage.killedUntil(26.5 * dayS).at(26.5 * dayS + 60)
    expect(told(stage)).toEqual([`${reader} in 30`, `${reader} in 14`])
  })

  test("is forgotten with its device, and when that is reached elsewhere", () => {
    const stage = shows(new Stage().at(0), 5)
    const campus = campusOf()
    stage.configured(campus)
    expect(told(stage)).toEqual([`${reader} in 7`])
    const moved = campus.devices.map((one) => (one.id === "reader" ? { ...one, address: "elsewhere" } : one))
    stage.configured({ ...campus, devices: moved }).at(3 * dayS)
    expect(told(stage)).toEqual([`${reader} in 7`, `${reader} is renewed`])
  })
})
