import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { makeOnvifMapping } from "../../../adapters/onvif/mapping/normalize.ts"
import { onvifProfileForm, readOnvifProfileFiles } from "../../../adapters/onvif/mapping/profiles.ts"
import { parameterProblems } from "../../../adapters/onvif/mapping/parameters.ts"
import { readProfile } from "../../../adapters/profile/files.ts"
import { brief, camera, heardAt, message, noon, profilesDirectory, shipped } from "./heard.ts"

const files = readOnvifProfileFiles(profilesDirectory)

describe("the shipped profiles", () => {
  test.each(files.map((read) => [read.name, read] as const))("%s can be used, and passes its own tests", (_, read) => {
    expect(read.problems).toEqual([])
    const { passed, failures } = read.test()
    expect(failures.map((failure) => read.problemAt(failure).message)).toEqual([])
    expect(passed).toBeGreaterThan(0)
  })

  /** The topics of the reference: Access Control, Door Control, Credential, Schedule, Analytics, Imaging, Device IO … */
  const standard = [
    ...["Anonymous", "Credential", "Identifier"].flatMap((who) =>
      ["AccessGranted", "AccessTaken", "AccessNotTaken", "Denied", "Request"].map(
        (what) => `AccessControl/${what}/${who}`
      )
    ),
    "AccessControl/Denied/CredentialNotFound",
    "AccessControl/Denied/CredentialNotFound/Card",
    "AccessControl/Duress",
    "AccessControl/Request/Timeout",
    "AccessPoint/State/Enabled",
    "AccessPoint/State/SecurityLevel",
    ...[
      "AccessPoint",
      "Area",
      "Door",
      "Credential",
      "AccessProfile",
      "Schedule",
      "SpecialDays",
      "AuthenticationProfile",
      "SecurityLevel"
    ].flatMap((what) => [`Configuration/${what}/Changed`, `Configuration/${what}/Removed`]),
    ...[
      "DoorMode",
      "DoorPhysicalState",
      "LockPhysicalState",
      "DoubleLockPhysicalState",
      "DoorAlarm",
      "DoorTamper",
      "DoorFault"
    ].map((what) => `Door/State/${what}`),
    "Credential/State/Enabled",
    "Credential/State/ApbViolation",
    "Schedule/State/Active",
    "VideoSource/MotionAlarm",
    "VideoSource/SignalLoss",
    "VideoSource/ImpairedVisibility",
    "VideoSource/RadiometryAlarm",
    ...["ImageTooBlurry", "ImageTooDark", "ImageTooBright", "GlobalSceneChange"].flatMap((what) =>
      ["AnalyticsService", "ImagingService", "RecordingService"].map((service) => `VideoSource/${what}/${service}`)
    ),
    "Device/Trigger/DigitalInput",
    "Device/Trigger/Relay",
    ...[
      "CellMotionDetector/Motion",
      "MotionRegionDetector/Motion",
      "TamperDetector/Tamper",
      "LineDetector/Crossed",
      "FieldDetector/ObjectsInside",
      "LoiteringDetector/ObjectIsLoitering",
      "CountAggregation/Counter",
      "CountAggregation/OccupancyCounter",
      "ObjectDetection/Object",
      "ObjectAbandoned",
      "ObjectRemoved",
      "ObjectTrack/Aggregation",
      "Recognition/Face",
      "Recognition/LicensePlate",
      "AudioDetector/Class",
      "Radiometry/TemperatureAlarm",
      "Radiometry/TemperatureMeasurementAlarm",
      "Radiometry/BodyTemperatureAlarm"
    ].map((what) => `RuleEngine/${what}`),
    "AudioAnalytics/Audio/DetectedSound",
    ...["FanFailure", "PowerSupplyFailure", "StorageFailure", "TemperatureCritical"].map(
      (what) => `Device/HardwareFailure/${what}`
    ),
    "Device/SecurityPolicy/AuthFailed",
    ...["Temperature", "RelativeHumidity", "AbsoluteHumidity"].flatMap((what) => [
      `Device/Sensor/${what}/High`,
      `Device/Sensor/${what}/Low`
    ]),
    ...[
      "ProcessorUsage",
      "LinkStatus",
      "BatteryCapacity",
      "OperatingTime/LastReboot",
      "OperatingTime/LastReset",
      "OperatingTime/LastClockSynchronization",
      "Backup/Last",
      "EnvironmentalConditions/Temperature",
      "ActiveSessions/Count"
    ].map((what) => `Monitoring/${what}`),
    "Device/OperationMode/ShutdownInitiated",
    "Device/OperationMode/UploadInitiated",
    "RecordingConfig/JobState",
    ...["Invoked", "Reached", "Aborted", "Left"].map((what) => `PTZController/PTZPresets/${what}`),
    "Advancedsecurity/Keystore/KeyStatus",
    "AppMgmt/State",
    "EventBuffer/Begin",
    "Media/ProfileChanged",
    "Media/ConfigurationChanged"
  ]

  /** Makers' topics, of which the general profile knows too. */
  const makers = [
    ...[
      "VMD/Camera1Profile1",
      "ObjectAnalytics/Device1Scenario1",
      "FenceGuard/Camera1Profile1",
      "LoiteringGuard/Camera1Profile1",
      "MotionGuard/Camera1Profile1"
    ].map((what) => `tnsaxis:CameraApplicationPlatform/${what}`),
    "Device/tnsaxis:IO/Port",
    "Device/tnsaxis:Sensor/PIR",
    "Device/tnsaxis:Casing/Open",
    "AudioSource/tnsaxis:TriggerLevel",
    "tnsaxis:Storage/Alert",
    ...["Request/PIN", "Request/REX", "Request/IdData", "Tampering", "Timeout", "Activity"].map(
      (what) => `IdPoint/tnsaxis:${what}`
    ),
    "Door/State/DoorWarning",
    ...["BatteryAlarm", "LockJammed", "RadioDisturbance"].map((what) => `Door/tnsaxis:Status/${what}`),
    "AccessControl/Denied/Authentication/InvalidPIN",
    "AccessControl/Denied/CredentialNotFound/PIN",
    "AccessControl/AccessGranted/Anonymous/External",
    "AccessControl/AccessGranted/Credential/External",
    ...["External", "NotPermittedAtThisTime", "Unauthorized"].flatMap((why) => [
      `AccessControl/Denied/Anonymous/${why}`,
      `AccessControl/Denied/Credential/${why}`
    ]),
    "RuleEngine/VehicleDetector/tnshik:Vehicle",
    "VideoAnalytics/tnshik:MotionAlarm",
    "Device/Trigger/tnshik:AlarmIn",
    "UserAlarm/VideoCover",
    "VideoAnalytics/tnssamsung:MotionDetection",
    "OpenApp/WiseAI/LineCrossing",
    "Device/Trigger/CallRequest",
    "UserAlarm/IVA/HumanShapeDetect",
    "VehicleAlarm/IVB/VehicleDetect",
    ...["DogCatDetect", "VehicleDetect", "PeopleDetect", "FaceDetect", "Visitor", "Package"].map(
      (what) => `RuleEngine/MyRuleDetector/${what}`
    ),
    ...["Intrusion", "LineCross", "People", "Tamper", "TpSmartEvent"].map(
      (what) => `RuleEngine/CellMotionDetector/${what}`
    ),
    "RuleEngine/PeopleDetector/People",
    "RuleEngine/TPSmartEventDetector/TPSmartEvent",
    "RuleEngine/LineCrossDetector/LineCross",
    "RuleEngine/tnsajax:MotionDetector/Detection",
    "RuleEngine/tnsajax:LineDetector/Crossing",
    "RuleEngine/RingDetector/Detection",
    "RuleEngine/tnsaxis:VideoMotionDetection/motion",
    "VideoSource/Alarm",
    "IVA/EnteringField/Rule 1"
  ]

  test.each([...standard, ...makers])("know %s", (topic) => {
    const said = makeOnvifMapping(shipped("onvif"), camera(), "UTC").normalize(message(topic), heardAt(noon))
    expect(said.unknownTopic).toBeUndefined()
  })
})

const directory = mkdtempSync(join(tmpdir(), "onvif-profiles-"))
afterAll(() => rmSync(directory, { recursive: true }))

const head = (name: string) => `description: ${name}\nprotocol: onvif\ntests: []\n`

describe("a profile that builds on another", () => {
  beforeAll(() => {
    const save = (name: string, text: string) => writeFileSync(join(directory, `${name}.yaml`), head(name) + text)
    save(
      "base",
      `also: [neighbour]\nparameters: { seconds: "7" }\nrecovery: payload.topic == "A/Old"\nreadings:\n  - { topic: A, point: base, kind: input, is: "on" }\n  - { topic: A/B/C, point: deep, kind: input, is: "on" }\nignore: [Quiet]\n`
    )
    save(
      "own",
      `extends: base\nreadings:\n  - { topic: A, point: own, kind: motion, is: "on", clearAfterSeconds: seconds }\n  - { topic: Quiet, point: loud, kind: input, is: "on" }\n`
    )
    save(
      "neighbour",
      `readings:\n  - { topic: A, point: neighbour, kind: input, is: "on" }\n  - { topic: N, point: neighbour, kind: input, is: "on" }\n`
    )
    save("orphan", `extends: nobody\n`)
    save("loop", `extends: pool\n`)
    save("pool", `extends: loop\n`)
    save("torn", `extends: [\n`)
    save("onTorn", `extends: torn\n`)
    save("besideTorn", `also: [torn]\n`)
    writeFileSync(join(directory, "mqtt.yaml"), 'description: x\ntopics: ["a/{address}"]\ntests: []\n')
    save("onMqtt", `extends: mqtt\n`)
  })

  const read = (name: string) => readOnvifProfileFiles(directory).find((one) => one.name === name)!
  const told = (name: string, topic: string) => {
    const mapping = makeOnvifMapping(read(name).profile!, camera(), "UTC")
    return mapping.normalize(message(topic), heardAt(noon)).observations.map(brief).join()
  }

  test("holds before it, where both name the topic", () => {
    expect(told("base", "A")).toBe("base on change")
    expect(told("own", "A")).toBe("own on change")
    expect(told("own", "A/B")).toBe("own on change")
    expect(told("own", "Quiet")).toBe("loud on change")
  })

  test("gives way where the other names more of the topic", () => {
    expect(told("own", "A/B/C")).toBe("deep on change")
  })

  test("has the other's settings and parameters, and those of neighbours for topics of theirs", () => {
    expect(told("own", "A/Old")).toBe("own on recovery")
    expect(told("own", "N")).toBe("neighbour on change")
    const mapping = makeOnvifMapping(read("own").profile!, camera(), "UTC")
    mapping.normalize(message("A"), heardAt(noon))
    expect(mapping.nextDue()).toBe(noon + 7000)
  })

  test.each([
    ["orphan", 'extends: there is no profile "nobody"'],
    ["loop", 'extends: "loop" builds on itself'],
    ["onTorn", 'extends: this protocol has no usable profile "torn"'],
    ["onMqtt", 'extends: there is no profile "mqtt"']
  ])("is told, with its place, that it cannot: %s", (name, why) => {
    const { problems, profile } = read(name)
    expect(problems.map(({ line, message: what }) => `${line} ${what}`)).toEqual([`4 ${why}`])
    expect(profile).toBeUndefined()
  })

  test("does its own part beside a neighbour that is broken: that is told where it stands", () => {
    expect(read("besideTorn").problems).toEqual([])
    expect(read("torn").problems).toHaveLength(1)
  })
})

describe("a slip in a profile", () => {
  test.each([
    [
      'readings: [{ topic: "tns1:Device", point: p, kind: input, is: "on" }]',
      'readings[0].topic: "tns1:Device": leave tns1 out'
    ],
    ['ignore: ["Device//x"]', 'ignore[0]: "Device//x" is no topic'],
    ["readings: [{ topic: Device, point: p, kind: input }]", "readings[0]: it needs either path or is"],
    ['readings: [{ point: p, kind: input, is: "on" }]', "readings[0].topic: it is required"],
    [
      "readings: [{ topic: D, point: p, kind: position, is: open, clearAfterSeconds: 5 }]",
      "clearAfterSeconds: a position is not off by itself"
    ],
    [
      'readings: [{ topic: D, point: p, kind: motion, is: "on", clearAfterSeconds: -1 }]',
      "clearAfterSeconds: it cannot be negative"
    ],
    [
      'readings: [{ topic: D, point: p, kind: motion, is: "on", clearAfterSeconds: soon }]',
      '"soon" is not among the profile\'s parameters'
    ],
    [
      'readings: [{ topic: D, point: p, kind: motion, path: x, otherwise: "on" }]',
      "otherwise: it is for what values does not list"
    ],
    ["topics: [a]", "topics: a profile has no such key here"],
    ["occurrences: [{ topic: D, point: p, word: SoundDetected }]", "SoundDetected needs fields.sound"]
  ])("is told with its place: %s", (slip, why) => {
    const { problems } = readProfile([onvifProfileForm], "slip.yaml", `${head("slip")}${slip}\n`)
    expect(problems.map(({ line, message: what }) => `${line}: ${what}`).join("\n")).toContain(why)
    expect(problems[0]?.line).toBe(4)
  })
})

test("a device's parameter that should be a time and is none is told", () => {
  const profile = shipped("onvif")
  const problems = (parameters: Record<string, string>) => parameterProblems(profile, camera({ parameters }))
  expect(problems({ motionEndsAfterSeconds: "30", snapshotUri: "/picture.jpg" })).toEqual([])
  expect(problems({ motionEndsAfterSeconds: "half a minute" })[0]?.message).toContain("is no number of seconds")
  expect(problems({ "motionEndsAfterSeconds.Profile 1.V": "30" })).toEqual([])
  expect(problems({ "motionEndsAfterSeconds.Yard": "soon" })[0]?.message).toContain("is no number of seconds")
  expect(problems({ "motionEndsAfterSeconds.": "30" })[0]?.message).toContain("comes the name of a rule")
  expect(problems({ motionEnds: "30" })[0]?.message).toContain('has no parameter "motionEnds"')
})
