import { Schema } from "effect"
import { describe, expect, test } from "vitest"
import * as areaShapes from "../../gateway/api/area-routes.ts"
import { ChannelItems } from "../../gateway/api/channel-routes.ts"
import { HealthAnswer } from "../../gateway/api/health-routes.ts"
import * as shapes from "../../gateway/api/shapes.ts"
import { PersonItems } from "../../gateway/api/people-routes.ts"
import { HandOverAnswer, ShiftAnswer } from "../../gateway/api/shift-routes.ts"
import { TokenItems } from "../../gateway/api/token-routes.ts"
import { timeFields, toIso, wireJson, wireJsonOf } from "../../gateway/domain/wire.ts"
import { ReplayState } from "../../gateway/replay/replays.ts"
import { startApi } from "./memory-gateway.ts"

type Json = { readonly [key: string]: unknown }

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null

/** Every property of every object in a JSON schema, as [name, schema]. */
const propertiesIn = (schema: unknown): ReadonlyArray<readonly [string, Json]> => {
  if (!isJson(schema)) return []
  const own = isJson(schema["properties"]) ? Object.entries(schema["properties"]) : []
  return [
    ...own.filter((pair): pair is [string, Json] => isJson(pair[1])),
    ...Object.values(schema).flatMap(propertiesIn)
  ]
}

const answers = [
  shapes.Entry,
  shapes.CampusAnswer,
  areaShapes.AreaItems,
  areaShapes.ThreatLevelAnswer,
  shapes.DoorItems,
  shapes.CommandItems,
  shapes.DeviceItems,
  shapes.LinkItems,
  shapes.AlertItems,
  shapes.AlertExplained,
  shapes.EntryItems,
  shapes.JournalItems,
  HealthAnswer,
  ChannelItems,
  shapes.Heartbeat,
  PersonItems,
  TokenItems,
  ShiftAnswer,
  HandOverAnswer,
  ReplayState
]

describe("an instant on the wire", () => {
  const properties = answers.flatMap((schema) => propertiesIn(Schema.toJsonSchemaDocument(schema)))
  const membersOf = (schema: Json): ReadonlyArray<unknown> =>
    Array.isArray(schema["anyOf"]) ? [schema, ...schema["anyOf"]] : [schema]
  const isInstant = (schema: Json): boolean =>
    membersOf(schema).some((member) => isJson(member) && member["$ref"] === "#/$defs/EpochMs")
  const isOtherNumber = (schema: Json): boolean =>
    membersOf(schema).some((member) => isJson(member) && (member["type"] === "number" || member["type"] === "integer"))

  test("is known by name wherever our schemas carry one", () => {
    const carried = new Set(properties.filter(([, schema]) => isInstant(schema)).map(([name]) => name))
    expect([...carried].filter((name) => !timeFields.has(name))).toEqual([])
    expect([...timeFields].filter((name) => !carried.has(name))).toEqual([])
  })

  test("shares its name with no other number", () => {
    const numbers = properties.filter(([name, schema]) => timeFields.has(name) && isOtherNumber(schema))
    expect(numbers).toEqual([])
  })

  test("is ISO 8601, even one that no calendar holds", () => {
    expect(wireJson({ at: 0, count: 0, from: "Closed" })).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","count":0,"from":"Closed"}'
    )
    expect(toIso(Number.MAX_VALUE)).toBe("+275760-09-13T00:00:00.000Z")
  })

  test.each([
    { at: 0, from: 1.5, to: -1, until: 1e21, since: 1e-7, seq: 7, fact: { receivedAt: 1_795_803_046_494, at: null } },
    { at: "0", from: [0, 1], deviceTime: { at: 2 }, list: [{ at: 3 }, { count: 4, since: 5 }] },
    { raw: '{"at":5,"since":6}', why: ',"at":5,', 'x"at': 5, ',"at': 6, 'at":7,"at': 8, "\\": { at: 9 } },
    { format: 1, that: 2, "": { at: 3 }, "{": '{"at":1', at: Number.MAX_VALUE }
  ])("is told the same from a value and from its JSON, whatever its texts and names are: %j", (value) => {
    expect(wireJsonOf(JSON.stringify(value))).toBe(wireJson(value))
  })
})

describe("the OpenAPI document", () => {
  test("lists every route, resolves every reference, and names each operation once", async () => {
    const api = await startApi()
    const document = (await (await api.get("/openapi.json")).json()) as {
      openapi: string
      paths: Record<string, Record<string, { operationId: string }>>
      components: { schemas: Record<string, Json> }
    }
    await api.stop()
    expect(document.openapi).toBe("3.1.0")
    expect(
      Object.entries(document.paths).flatMap(([path, all]) => Object.keys(all).map((m) => `${m} ${path.slice(7)}`))
    ).toEqual([
      "get /sign-in",
      "post /session",
      "get /session",
      "delete /session",
      "post /enrolment/look",
      "post /enrolment",
      "post /session/password",
      "delete /sessions",
      "get /people",
      "post /people/{id}/invitation",
      "delete /people/{id}/sessions",
      "get /tokens",
      "post /tokens",
      "delete /tokens/{name}",
      "get /shift",
      "post /shift/begin",
      "post /shift/end",
      "post /shift/end-other",
      "post /shift/notes",
      "get /shift/hand-over",
      "post /shift/hand-over",
      "get /shift/hand-overs/{id}",
      "get /shift/hand-overs/{id}/page",
      "post /shift/hand-overs/{id}/sign",
      "get /campus",
      "get /doors",
      "get /devices",
      "get /links",
      "get /areas",
      "post /areas/{id}/override",
      "post /areas/{id}/end-override",
      "get /threat-level",
      "post /threat-level",
      "get /schedules",
      "get /plans/{id}/drawing",
      "post /doors/{id}/commands",
      "get /doors/{id}/commands",
      "get /alerts",
      "get /alerts/{id}",
      "post /alerts/{id}/acknowledge",
      "post /alerts/{id}/acknowledge-forced",
      "post /alerts/{id}/undo-acknowledgement",
      "post /alerts/acknowledge",
      "post /alerts/{id}/claim",
      "post /alerts/{id}/take-over",
      "post /alerts/{id}/release",
      "post /alerts/{id}/release-forced",
      "post /alerts/{id}/notes",
      "post /alerts/{id}/shelve",
      "post /alerts/{id}/unshelve",
      "post /alerts/{id}/close",
      "get /alerts/{id}/timeline",
      "get /channels",
      "post /channels/{id}/test",
      "get /alerts/{id}/notifications",
      "get /flood",
      "get /alarm-health",
      "get /alarm-health.csv",
      "get /alerts/{id}/explanation",
      "get /doors/{id}/explanation",
      "get /doctor",
      "get /evidence/{hash}",
      "post /consoles/{id}/silence",
      "post /consoles/{id}/volume",
      "post /consoles/{id}/watch",
      "get /config",
      "post /config/reload",
      "get /rules",
      "post /rules/{id}/forgive",
      "get /gaps",
      "get /gaps/reports",
      "get /gaps/reports/{date}",
      "post /maintenance",
      "delete /maintenance/{what}/{id}",
      "post /bypasses",
      "delete /bypasses/{device}/{point}",
      "get /health",
      "post /alerts/{id}/steps/{step}",
      "get /incidents",
      "post /incidents",
      "get /incidents/{id}",
      "post /incidents/{id}/alerts",
      "post /incidents/{id}/alerts/{alert}/remove",
      "post /incidents/{id}/notes",
      "post /incidents/{id}/people",
      "post /incidents/{id}/people/{person}/remove",
      "post /incidents/{id}/fields",
      "post /incidents/{id}/close",
      "post /incidents/{id}/reopen",
      "get /incidents.csv",
      "get /incidents.json",
      "get /clery-log.csv",
      "get /incidents/{id}/case",
      "get /incidents/{id}/report.html",
      "get /incidents/{id}/report.pdf",
      "get /incidents/{id}/timeline.csv",
      "post /inbound/receipts",
      "get /inbound/receipts",
      "post /inbound/{source}",
      "get /cap/{channel}",
      "get /cap/{channel}/{identifier}",
      "get /push/key",
      "get /push/devices",
      "post /push/devices",
      "delete /push/devices/{id}",
      "get /log",
      "get /events",
      "get /log/{seq}",
      "get /stream",
      "get /journal",
      "get /journal/export",
      "post /replays",
      "get /replays",
      "get /replays/{id}",
      "delete /replays/{id}"
    ])
    const names = Object.values(document.paths).flatMap((all) => Object.values(all).map((one) => one.operationId))
    expect(new Set(names).size).toBe(names.length)
    const references = Array.from(JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g), ([, to]) => to ?? "")
    expect(references.length).toBeGreaterThan(20)
    for (const to of new Set(references)) {
      expect(to.startsWith("#/components/schemas/"), to).toBe(true)
      expect(Object.keys(document.components.schemas)).toContain(to.slice("#/components/schemas/".length))
    }
    expect(document.components.schemas["EpochMs"]).toMatchObject({ type: "string", format: "date-time" })
  })
})
