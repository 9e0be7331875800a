import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ruleKinds } from "../../gateway/domain/rule.ts"
import { editorSchemaText } from "../../gateway/settings/editor-schema.ts"
import { type Checked, checkSettings } from "../../gateway/settings/load-settings.ts"
import { installed } from "./installed.ts"

const whole = join(import.meta.dirname, "whole.yaml")
let directory = ""

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "gatehouse-rules-"))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A whole campus, with what is written beside it. */
const checked = (text: string): Checked => {
  const file = join(directory, "rules.yaml")
  writeFileSync(file, text)
  return checkSettings([whole, file], installed)
}

const told = ({ problems }: Checked): ReadonlyArray<string> =>
  problems.map(({ place, message }) => `${place.line}:${place.column} ${message}`)

const alert = "alert: { condition: Odd, priority: 3 }"
const one = (rest: string, id = "own"): string =>
  `rules:\n  - id: ${id}\n    title: Odd\n    ${rest.replaceAll("\n", "\n    ")}\n`
const counted = (of: string): string => one(`key: door\ncount: ${of}\n${alert}`)

describe("a rule that cannot work is refused, at its line:", () => {
  test.each<readonly [what: string, text: string, expected: string]>([
    ["no kind", one(`key: door\n${alert}`), '2:9 rule "own" finds nothing: it needs one of count'],
    [
      "two kinds",
      one(
        `key: door\ncount: { event: DoorOpened, atLeast: 1, withinSeconds: 1 }\nstays: { reading: input, is: on, forSeconds: 5 }\n${alert}`
      ),
      '6:5 rule "own" is both count and stays; write two rules'
    ],
    [
      "nobody told",
      one("key: door\ncount: { event: DoorOpened, atLeast: 1, withinSeconds: 1 }"),
      '2:9 rule "own" has no alert: nobody would hear of what it finds'
    ],
    [
      "no key",
      one(`count: { event: DoorOpened, atLeast: 1, withinSeconds: 1 }\n${alert}`),
      '2:9 rule "own" has no key'
    ],
    [
      "an event that does not exist",
      counted("{ event: DoorOpend, atLeast: 2, withinSeconds: 60 }"),
      '5:21 there is no event "DoorOpend" — did you mean "DoorOpened"?'
    ],
    [
      "an alert that does not exist",
      counted("{ alert: DoorForcdOpen, atLeast: 2, withinSeconds: 60 }"),
      '5:21 no alert is called "DoorForcdOpen" — did you mean "DoorForcedOpen"?'
    ],
    ["neither event nor alert", counted("{ atLeast: 2, withinSeconds: 60 }"), '5:12 write either "event" or "alert"'],
    [
      "a field the event does not have",
      counted(`{ event: AccessDenied, where: 'colour == "red"', atLeast: 2, withinSeconds: 60 }`),
      `5:42 where "colour == "red"" cannot be used: Unknown variable: colour`
    ],
    [
      "a condition that compares text with a number",
      counted("{ event: AccessDenied, where: 'reason == 3', atLeast: 2, withinSeconds: 60 }"),
      '5:42 where "reason == 3" cannot be used: no such overload'
    ],
    [
      "a condition that is none",
      counted("{ event: AccessDenied, where: 'reason', atLeast: 2, withinSeconds: 60 }"),
      '5:42 where "reason" cannot be used: it gives string, but true or false is needed'
    ],
    [
      "an expression as a key that gives no text",
      one(`key: '1 + 2'\ncount: { event: AccessDenied, atLeast: 2, withinSeconds: 60 }\n${alert}`),
      '4:10 key "1 + 2" cannot be used: it gives int, but text is needed'
    ],
    [
      "a key that its event does not tell",
      one(`key: credential\ncount: { event: DoorOpened, atLeast: 2, withinSeconds: 60 }\n${alert}`),
      '5:21 DoorOpened tells no credential; a rule with "key: credential" would never hear it'
    ],
    [
      "a window of no time",
      counted("{ event: DoorOpened, atLeast: 2, withinSeconds: 0 }"),
      "5:60 rules[0].count.withinSeconds must be a value between 0.001 and 604800"
    ],
    [
      "a sequence of one step",
      one(`key: door\nsequence: { steps: [{ event: DoorOpened }], withinSeconds: 5 }\n${alert}`),
      "5:24 a sequence has two or more steps"
    ],
    [
      "more asked for than there is",
      one(
        `key: door\nany: { of: [{ event: DoorOpened }, { event: DoorClosed }], atLeast: 3, withinSeconds: 5 }\n${alert}`
      ),
      "5:73 there are 2 to choose from, fewer than atLeast: 3"
    ],
    [
      "a value that a point never has",
      one(`key: point\nstays: { reading: motion, is: moving, forSeconds: 60 }\n${alert}`),
      '5:35 a motion is never "moving" for a rule'
    ],
    [
      "a standing no door has",
      one(`key: door\nstays: { standing: Ajar, forSeconds: 60 }\n${alert}`),
      '5:24 no door stands "Ajar"'
    ],
    [
      "openings of a door without a contact",
      one(`key: door\ndoors: [west]\nstays: { standing: Open, forSeconds: 60 }\n${alert}`) +
        "doors:\n  - { id: west, name: West door, area: hall, lock: lock/west }\n",
      '5:13 door "west" has no position: without a door contact how it stands is never known of it'
    ],
    [
      "tailgating at a door that no camera sees",
      one(`key: door\ndoors: [west]\ncount: { event: LineCrossed, atLeast: 2, withinSeconds: 10 }\n${alert}`) +
        "doors:\n  - { id: west, name: West door, area: hall, lock: lock/west }\n",
      '5:13 door "west" names no camera, and LineCrossed comes from cameras only'
    ],
    [
      "an area that does not exist",
      one(`key: door\nareas: [hal]\ncount: { event: DoorOpened, atLeast: 2, withinSeconds: 10 }\n${alert}`),
      '5:13 there is no area "hal" — did you mean "hall"?'
    ],
    [
      "an area without a camera that is to confirm",
      one(
        "key: area\nareas: [yard]\nconfirmBy: { alert: DoorForcedOpen, of: [{ event: ObjectDetected }], validationLevel: 2 }"
      ) + "areas:\n  - { id: yard, name: Yard, kind: outdoors }\n",
      '5:13 area "yard" has no camera, and ObjectDetected comes from cameras only'
    ],
    [
      "a confirmation that ends before it begins",
      one(
        "key: door\nconfirmBy: { alert: DoorForcedOpen, of: [{ alert: DoorTampered }], fromSeconds: 30, toSeconds: 5, validationLevel: 2 }"
      ),
      "5:85 fromSeconds (30) must be before toSeconds (5)"
    ],
    [
      "something held back for good",
      one("inhibit: { cause: PanicPressed, consequences: DeviceOffline, by: site }"),
      "4:23 PanicPressed never returns to normal: what it held back would never be told"
    ],
    [
      "a call for help held back",
      one("inhibit: { cause: LinkLost, consequences: [PanicPressed], by: link }"),
      "4:47 PanicPressed is about people's lives and is never held back"
    ],
    [
      "calls for help taken for chatter",
      one("storm: { alert: DuressSignalled, moreThan: 3, withinSeconds: 60 }"),
      "4:21 DuressSignalled is a call for help: each one asks for a person"
    ],
    [
      "an alert of the gateway's own",
      one(
        "key: door\ncount: { event: DoorOpened, atLeast: 2, withinSeconds: 10 }\nalert: { condition: DoorForcedOpen, priority: 1 }"
      ),
      "6:25 DoorForcedOpen is the gateway's own alert, and it alone ends it"
    ],
    [
      "a title that names what is not known",
      one(`key: door\ncount: { event: DoorOpened, atLeast: 2, withinSeconds: 10 }\n${alert}`).replace(
        "Odd",
        '"At {gate}"'
      ),
      "3:12 the title names {gate}, which it cannot fill in"
    ],
    [
      "the same id twice",
      counted("{ event: DoorOpened, atLeast: 2, withinSeconds: 10 }") +
        `  - { id: own, title: Odd, key: door, count: { event: DoorOpened, atLeast: 3, withinSeconds: 10 }, alert: { condition: Other, priority: 3 } }\n`,
      '7:11 rule "own" is there twice'
    ],
    [
      "one alert of two rules",
      counted("{ event: DoorOpened, atLeast: 2, withinSeconds: 10 }") +
        `  - { id: other, title: Odd, key: door, count: { event: DoorOpened, atLeast: 3, withinSeconds: 10 }, ${alert} }\n`,
      '7:122 Odd is the alert of rule "own" already'
    ],
    [
      "rules that hear each other",
      counted("{ alert: Other, atLeast: 2, withinSeconds: 10 }") +
        `  - { id: other, title: Odd, key: door, count: { alert: Odd, atLeast: 3, withinSeconds: 10 }, alert: { condition: Other, priority: 3 } }\n`,
      '2:9 rule "own" hears its own alert: Odd ← Other ← Odd; it would go on for ever'
    ],
    [
      "a pack that does not exist",
      "packs: [acces]\n",
      '1:9 there is no rule pack "acces" in config/rules — did you mean "access"?'
    ],
    [
      "a rule that its pack does not have",
      "packs: { access: { denied-bursts: { atLeast: 5 } } }\n",
      '1:20 pack "access" has no rule "denied-bursts" — did you mean "denied-burst"?'
    ],
    [
      "an alert counted by what no alert tells",
      one(`key: credential\ncount: { alert: PanicPressed, atLeast: 2, withinSeconds: 60 }\n${alert}`),
      "5:14 an alert tells no credential; count by door, device, area or site"
    ],
    [
      "an event counted by a point that it is not of",
      one(`key: point\ncount: { event: DeviceUnavailable, atLeast: 2, withinSeconds: 60 }\n${alert}`),
      '5:21 DeviceUnavailable tells no point; a rule with "key: point" would never hear it'
    ],
    [
      "what a door tells counted by cameras",
      one(`key: camera\ncount: { event: DoorOpened, atLeast: 2, withinSeconds: 60 }\n${alert}`),
      '5:21 DoorOpened tells no camera; a rule with "key: camera" would never hear it'
    ],
    [
      "what is of the whole site counted by doors",
      counted("{ event: ThreatLevelChanged, atLeast: 2, withinSeconds: 60 }"),
      '5:21 ThreatLevelChanged is of the whole site, and of no door; choose "key: site"'
    ],
    [
      "what a door's standing tells counted by badges",
      one(`key: credential\nstays: { standing: Unlocked, forSeconds: 60 }\n${alert}`),
      "4:10 what stays so here is of a door, and tells no credential; choose door, area or site"
    ],
    [
      "what a contact says counted by cameras",
      one(`key: camera\nstays: { reading: position, is: open, forSeconds: 60 }\n${alert}`),
      "4:10 what stays so here is of a door, and tells no camera; choose door, area or site"
    ],
    [
      "a state by what begins it and does not end it",
      one(`key: 'door + " " + to'\nstays: { standing: Unlocked, forSeconds: 60 }\n${alert}`),
      '4:10 key "door + " " + to" cannot be used: Unknown variable: to'
    ],
    [
      "the mode that a door has come to, by a name that only commands have",
      counted(`{ event: DoorModeChanged, where: 'mode == "LockedDown"', atLeast: 2, withinSeconds: 60 }`),
      '5:45 where "mode == "LockedDown"" cannot be used: Unknown variable: mode'
    ],
    [
      "different badges of what tells none",
      counted("{ event: DoorOpened, distinct: credential, atLeast: 2, withinSeconds: 60 }"),
      "5:43 DoorOpened tells no credential; nothing would be counted"
    ],
    [
      "more doors than it hears",
      `${one(`key: site\ncount: { event: DoorOpened, distinct: door, atLeast: 2, withinSeconds: 60 }\n${alert}`)}    doors: [east]\n`,
      "5:58 door is one of east here: there are never 2 different ones"
    ],
    [
      "more directions than there are",
      counted("{ event: AccessGranted, distinct: direction, atLeast: 3, withinSeconds: 60 }"),
      "5:66 direction is one of in, out here: there are never 3 different ones"
    ],
    [
      "different ones of what there is one of",
      counted("{ event: AccessDenied, distinct: area, atLeast: 2, withinSeconds: 60 }"),
      "5:45 of one door there is one area at most, and never 2; count by more"
    ],
    [
      "during and outside the same schedule",
      `schedules: [{ id: lessons, periods: [{ from: 08:00, to: 09:00 }] }]\n${counted("{ event: AccessDenied, atLeast: 2, withinSeconds: 60 }")}    during: lessons\n    outside: lessons\n`,
      "9:5 during and outside lessons: the rule would never listen; keep one of them"
    ],
    [
      "a door outside its areas",
      `areas: [{ id: shed, name: Shed, kind: building }]\n${counted("{ event: AccessDenied, atLeast: 2, withinSeconds: 60 }")}    doors: [east]\n    areas: [shed]\n`,
      '8:13 door "east" is in none of the areas that the rule is for, and would never be heard'
    ],
    [
      "an absence that ends by a time",
      one(
        "key: door\nabsence: { after: { event: DoorOpened }, without: [{ event: DoorClosed }], forSeconds: 9 }\nalert: { condition: Odd, priority: 3, activeSeconds: 30 }"
      ),
      "6:58 an absence is active until what should follow comes; remove activeSeconds"
    ],
    [
      "a state that stays unknown",
      one(`key: door\nstays: { reading: position, is: unknown, forSeconds: 60 }\n${alert}`),
      '5:37 what is unknown interrupts "stays"; listen for StateLost or DeviceUnavailable instead'
    ],
    [
      "a condition with a slip in it",
      counted(`{ event: AccessDenied, where: 'reson == "Other"', atLeast: 2, withinSeconds: 60 }`),
      '5:42 where "reson == "Other"" cannot be used: Unknown variable: reson — did you mean "reason"?'
    ],
    [
      "a condition over what one of the events does not have",
      counted(`{ event: [AccessDenied, DoorOpened], where: 'reason == "Other"', atLeast: 2, withinSeconds: 60 }`),
      '5:56 where "reason == "Other"" cannot be used: Unknown variable: reason — DoorOpened has no such field'
    ],
    [
      "a reason that nobody is denied for",
      counted(`{ event: AccessDenied, where: 'reason != "CredentialExpird"', atLeast: 2, withinSeconds: 60 }`),
      '5:42 where "reason != "CredentialExpird"" is of no use: no reason is "CredentialExpird" — did you mean "CredentialExpired"?'
    ],
    [
      "a standing in a list that no door has",
      counted(`{ event: DoorStandingChanged, where: 'to in ["Forced", "Ajar"]', atLeast: 2, withinSeconds: 60 }`),
      `5:49 where "to in ["Forced", "Ajar"]" is of no use: no to is "Ajar" (there is "Secure", "Granted"`
    ],
    [
      "a value that a point has not come to by this event",
      counted(`{ event: [InputActivated, MotionStarted], where: 'to == "On"', atLeast: 2, withinSeconds: 60 }`),
      '5:61 where "to == "On"" is of no use: no to is "On" — did you mean "on"?'
    ],
    [
      "an event that the rule does not hear",
      one(
        `key: 'word == "AccesDenied" ? credential : ""'\ncount: { event: [AccessDenied, AccessGranted], atLeast: 2, withinSeconds: 60 }\n${alert}`
      ),
      `4:10 key "word == "AccesDenied" ? credential : """ is of no use: no word is "AccesDenied" — did you mean "AccessDenied"?`
    ],
    [
      "the beginning of a door's name that none has",
      counted(`{ event: AccessDenied, where: 'door.startsWith("esat")', atLeast: 2, withinSeconds: 60 }`),
      `5:42 where "door.startsWith("esat")" is of no use: no door begins with "esat" — did you mean "east"?`
    ],
    [
      "a condition that no alert has",
      counted(
        `{ alert: [DoorForcedOpen, DoorTampered], where: 'condition == "DoorForced"', atLeast: 2, withinSeconds: 60 }`
      ),
      `5:60 where "condition == "DoorForced"" is of no use: no condition is "DoorForced"`
    ],
    [
      "a whole number compared with a number of an alert",
      counted("{ alert: DoorForcedOpen, where: priority == 1, atLeast: 2, withinSeconds: 60 }"),
      '5:44 where "priority == 1" cannot be used: no such overload: double == int — write numbers with a decimal point'
    ],
    [
      "a pack's rule for a door that is not there",
      "packs: { access: { denied-burst: { doors: [nowhere] } } }\n",
      '1:44 there is no door "nowhere"'
    ],
    [
      "a number that a pack's rule does not have",
      "packs: { supervision: { link-for-its-devices: { priority: 1 }, battery: { atLeast: 3 } } }\n",
      "1:75 supervision.battery has no atLeast: it has disabled, forSeconds, priority, doors, areas"
    ],
    [
      "a pack's rule that is left out while another waits for it",
      "packs: { emergency: { fire: { disabled: true } } }\n",
      '1:41 "emergency.fire-during-lockdown" listens for FireReported, which this rule raises; disable both or neither'
    ],
    [
      "a number that makes a pack's rule unfit",
      "packs: { access: { denied-burst: { withinSeconds: 0 } } }\n",
      "1:51 packs.access.denied-burst.withinSeconds must be"
    ]
  ])("%s", (_, text, expected) => {
    const result = checked(text)
    expect(result.settings).toBeUndefined()
    expect(
      told(result).some((line) => line.startsWith(expected)),
      `expected ${expected}\ngot ${told(result).join("\n    ")}`
    ).toBe(true)
  })
})

test("a rule of the wrong form hides nothing of what is wrong with others, and its alert is known to them", () => {
  const odd = `  - { id: odd, title: Odd, key: door, count: { event: DoorOpened, atLeast: 0, withinSeconds: 5 }, ${alert} }\n`
  const heard = `  - { id: more, title: Odd, key: dor, count: { alert: Odd, atLeast: 1, withinSeconds: 5 }, alert: { condition: More, priority: 3 } }\n`
  expect(told(checked(`rules:\n${odd}${heard}`))).toEqual([
    "2:76 rules[0].count.atLeast must be a value between 1 and 50 (is 0)",
    expect.stringContaining('3:34 key "dor" cannot be used')
  ])
})

describe("the schema for editors", () => {
  const text = editorSchemaText("rules")

  test("knows every kind of rule, offers the events there are, and takes no other key", () => {
    const { $defs } = JSON.parse(text) as {
      $defs: Record<string, { properties: object; additionalProperties: boolean }>
    }
    expect(Object.keys($defs["Rule"]?.properties ?? {})).toEqual(expect.arrayContaining(Object.keys(ruleKinds)))
    expect($defs["Rule"]?.additionalProperties).toBe(false)
    expect(JSON.stringify($defs["Count"])).toContain('"AccessDenied"')
    expect(JSON.stringify($defs["Selector"])).toContain('"DoorForcedOpen"')
  })

  test("says of each number what it is", () => {
    expect(text).toContain("All of it happens within so many seconds")
    expect(editorSchemaText("config")).toContain("Rule packs that are on")
  })
})

describe("the rules of a configuration", () => {
  test("are none where none are named", () => {
    expect("rules" in (checked("dataDir2: x\n").settings?.campus ?? { rules: 1 })).toBe(true)
    expect(checkSettings([whole], installed).settings?.campus.rules).toBeUndefined()
  })

  test("of every shipped pack can work on a campus", () => {
    const packs = readdirSync("config/rules").flatMap((name) => (name.endsWith(".yaml") ? [name.slice(0, -5)] : []))
    const result = checked(`packs: [${packs.join(", ")}]\n`)
    expect(told(result)).toEqual([])
    expect(result.settings?.campus.rules?.every(({ source }) => source !== undefined)).toBe(true)
  })

  test("of a pack take a site's own numbers, or are left out", () => {
    const { settings } = checked(
      "packs: { access: { denied-burst: { atLeast: 5, withinSeconds: 30, priority: 2 }, door-probing: { disabled: true } } }\n"
    )
    const rules = settings?.campus.rules ?? []
    const burst = rules.find(({ id }) => id === "access.denied-burst")
    expect(burst?.count).toMatchObject({ event: "AccessDenied", atLeast: 5, withinSeconds: 30 })
    expect(burst?.alert).toMatchObject({ condition: "DeniedBurst", priority: 2 })
    expect(rules.map(({ id }) => id)).not.toContain("access.door-probing")
  })

  test.each(["denied-burst", "credential-denied-burst"])(
    "of a pack may be left out though another holds its alert back, or back for it: %s",
    (name) => expect(told(checked(`packs: { access: { ${name}: { disabled: true } } }\n`))).toEqual([])
  )

  test("are part of the configuration's version", () => {
    const version = (text: string) => checked(text).settings?.configVersion
    const plain = version("packs: [access]\n")
    expect(plain).toBe(version("packs: { access: {} }\n"))
    expect(plain).not.toBe(version("packs: { access: { denied-burst: { atLeast: 4 } } }\n"))
  })
})
