import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { canonicalJson } from "../../gateway/settings/canonical-json.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { startReloading } from "../settings/reloading-gateway.ts"
import { run } from "./run.ts"

const doors = `devices:
  - { id: east-contact, name: East contact, link: mqtt, profile: zigbee2mqtt, address: east-contact }
doors:
  - { id: east, name: East exit, area: hall, position: east-contact/contact }
`

describe("gatehouse incident", () => {
  let gateway: Awaited<ReturnType<typeof startReloading>>
  let directory: ReturnType<typeof temporaryDirectory>
  let id = ""
  const incident = (...args: ReadonlyArray<string>) =>
    run(["incident", ...args, "--url", gateway.url], { env: { GATEHOUSE_TOKEN: gateway.token, NO_COLOR: "1" } })

  beforeAll(async () => {
    directory = temporaryDirectory("incident-cli")
    gateway = await startReloading(doors)
    const body = JSON.stringify({ alerts: [], fields: { title: "A lost bag", narrative: "It was found." } })
    id = String((await gateway.call("/incidents", { method: "POST", body })).body["id"])
  }, 30_000)
  afterAll(async () => {
    await gateway.stop()
    directory.dispose()
  })

  it("lists cases by state, door and day", async () => {
    const { code, out } = await incident("list")
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^${id} +open .* A lost bag +Clery entry due .*Z\n1 incident\n$`))
    expect((await incident("list", "--door", "east")).out).toBe("no such incident\n")
    expect((await incident("list", "--from", "yesterday")).code).toBe(2)
  })

  it("shows one, and as JSON what its hash is over", async () => {
    const { out } = await incident("show", id)
    expect(out).toContain(`${id}  REAL  A lost bag`)
    expect(out).toContain("It was found.")
    expect(out).toContain("Case opened by first-token")
    const { hash, ...file } = JSON.parse((await incident("show", id, "--json")).out) as Record<string, unknown>
    expect(createHash("sha256").update(canonicalJson(file)).digest("hex")).toBe(hash)
    expect(await incident("show", "I-999999")).toMatchObject({
      code: 1,
      last: "→ npm run gatehouse -- incident list --state all"
    })
  })

  it("writes its report where nobody else can read it", async () => {
    const file = join(directory.path, "report.pdf")
    expect(await incident("report", id, "--out", file)).toMatchObject({ code: 0, out: `${file}\n` })
    expect(readFileSync(file).subarray(0, 5).toString()).toBe("%PDF-")
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const csv = join(directory.path, "case.csv")
    await incident("report", id, "--format", "csv", "--out", csv)
    expect(readFileSync(csv, "utf8")).toContain("Case opened by first-token")
  }, 30_000)
})
