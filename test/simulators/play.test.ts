import { spawn, spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Exit, Scope } from "effect"
import mqtt from "mqtt"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { simulate } from "../../gateway/cli/scenario-runner.ts"
import { demonstration } from "../../gateway/demonstration.ts"
import { openDemoWorld } from "../../simulators/scenarios/demo-world.ts"
import { ended, freePort, hasMosquitto, listening, temporaryDirectory } from "../road/peers.ts"
import { read } from "../scenarios/stage.ts"
import { ListeningBroker } from "./listening-broker.ts"

const directory = temporaryDirectory("play")
afterAll(directory.dispose)

const scenario = join(directory.path, "scenario.yaml")
beforeAll(() => {
  writeFileSync(
    scenario,
    `name: In and out within a second
steps:
  - { at: 0s, badge: main-entrance, person: ada }
  - { at: 100ms, open: main-entrance }
  - { at: 200ms, panic: office-panic, redelivered: true }
  - { at: 300ms, offline: boiler-input, for: 200ms }
  - { at: 400ms, send: zigbee2mqtt/roof-contact, payload: "{broken" }
  - { at: 600ms, close: main-entrance }
expect: []
`
  )
})

const play = (options: { readonly url: string; readonly username?: string; readonly password?: string }) => {
  const steps: Array<string> = []
  const { url, username, password } = options
  const work = Effect.scoped(
    simulate(read)({ scenario, config: undefined, url, username, password, onStep: (step) => void steps.push(step) })
  )
  return { steps, work }
}

describe("a scenario played in real time", () => {
  test("is heard by a broker as the devices would say it, and done when the broker has it all", async () => {
    const broker = await ListeningBroker.start()
    const { steps, work } = play({ url: broker.url })
    await Effect.runPromise(work)
    const events = broker.on("uhppoted/gateway/events/live").map((text) => {
      const { event } = (JSON.parse(text) as { message: { event: { event: Record<string, unknown> } } }).message.event
      return event["event-reason-text"]
    })
    expect(events).toEqual(["swipe", "door opened", "door closed"])
    expect(broker.on("zigbee2mqtt/office-panic").filter((text) => text.includes("emergency"))).toHaveLength(2)
    expect(broker.on("shellyplus1-a8032ab10002/online")).toEqual(["true", "false", "true"])
    expect(broker.on("zigbee2mqtt/roof-contact").at(-1)).toBe("{broken")
    expect(steps).toEqual([
      "   0.0 s  Main entrance: ada's badge is granted",
      "   0.1 s  Main entrance opens",
      "   0.2 s  panic is pressed at Office panic button",
      "   0.3 s  Boiler room input is cut off",
      "   0.4 s  a message comes on zigbee2mqtt/roof-contact",
      "   0.5 s  Boiler room input is back",
      "   0.6 s  Main entrance closes"
    ])
    await broker.go()
  })

  test("fails with the scenario's own problem before anything is connected", async () => {
    writeFileSync(join(directory.path, "wrong.yaml"), "name: x\nsteps:\n  - { at: 0s, open: nowhere }\nexpect: []\n")
    const work = Effect.scoped(
      simulate(read)({
        scenario: join(directory.path, "wrong.yaml"),
        config: undefined,
        url: "mqtt://127.0.0.1:1",
        username: undefined,
        password: undefined,
        onStep: () => {}
      })
    )
    await expect(Effect.runPromise(work)).rejects.toThrow('there is no door "nowhere"')
  })
})

describe.skipIf(!hasMosquitto())("with Mosquitto and its users", () => {
  const password = "device-password"
  let url = ""
  let stop = async (): Promise<void> => {}

  beforeAll(async () => {
    const port = await freePort()
    const [passwords, config] = [join(directory.path, "passwords"), join(directory.path, "mosquitto.conf")]
    writeFileSync(passwords, "")
    spawnSync("mosquitto_passwd", ["-b", passwords, "devices", password])
    const lines = [`listener ${port} 127.0.0.1`, "user root", "allow_anonymous false", `password_file ${passwords}`]
    writeFileSync(config, [...lines, "log_type error"].join("\n"))
    const child = spawn("/usr/sbin/mosquitto", ["-c", config], { stdio: "ignore" })
    await listening(port)
    url = `mqtt://127.0.0.1:${port}`
    stop = async () => {
      child.kill("SIGKILL")
      await ended(child)
    }
  })
  afterAll(() => stop())

  test("devices are let in by user and password, and leave what they retain", async () => {
    await Effect.runPromise(play({ url, username: "devices", password }).work)
    const client = await mqtt.connectAsync(url, { username: "devices", password, protocolVersion: 4 })
    const retained = new Promise<string>((resolve) =>
      client.on("message", (topic, payload) => resolve(`${topic} ${payload.toString()}`))
    )
    await client.subscribeAsync("shellyplus1-a8032ab10002/online", { qos: 1 })
    expect(await retained).toBe("shellyplus1-a8032ab10002/online true")
    await client.endAsync()
  })

  test("a wrong password is told as it is", async () => {
    const work = play({ url, username: "devices", password: "wrong" }).work
    await expect(Effect.runPromise(work)).rejects.toThrow(/the broker at mqtt:.* refuses the devices: .*Not authorized/)
  })
})

test("the demonstration's campus lives until its scope closes, and leaves no device behind", async () => {
  const broker = await ListeningBroker.start()
  const scope = await Effect.runPromise(Scope.make())
  const steps: Array<string> = []
  const settings = await Effect.runPromise(
    demonstration.relocated(read(["config/demo"]), {
      brokerPort: 0,
      consolePort: 0,
      freePort: Effect.promise(freePort),
      dataDir: ""
    })
  )
  const onStep = (step: string): void => void steps.push(step)
  await Effect.runPromise(
    openDemoWorld(settings.campus).pipe(
      Effect.flatMap(({ live }) => live({ url: broker.url, onStep })),
      Scope.provide(scope)
    )
  )
  expect(steps).toEqual(["People come and go at 13 doors"])
  const greeted = broker.heard.length
  // The first of the people sets out four seconds after the start.
  await broker.until(() => broker.heard.length > greeted)
  await Effect.runPromise(Scope.close(scope, Exit.void))
  await broker.until(() => broker.connected === 0)
  await broker.go()
})
