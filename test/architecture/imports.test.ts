import { globSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve, sep } from "node:path"
import { describe, expect, test } from "vitest"

const root = resolve(import.meta.dirname, "../..")

interface Import {
  readonly file: string
  /** A file of ours, from the root; or the package's name. */
  readonly to: string
  readonly own: boolean
  readonly typeOnly: boolean
}

const posix = (path: string): string => path.split(sep).join("/")

const sourceFiles = globSync("{gateway,adapters,simulators}/**/*.{ts,tsx}", { cwd: root })
  .map(posix)
  .filter((file) => !file.includes("/dist/") && !file.includes("node_modules"))

const textOf = (file: string): string => readFileSync(join(root, file), "utf8")

/** Comments blanked out, so that prose about an import is not taken for one. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/[^\n]*/g, "$1")

const statement =
  /(?:^|[\n;])\s*(import|export)\s+(type\s+)?(?:[\w$*{][^"';]*?\bfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g

const importsOf = (file: string): ReadonlyArray<Import> =>
  [...withoutComments(textOf(file)).matchAll(statement)].map((match) => {
    const target = match[3] ?? match[4] ?? ""
    const own = target.startsWith(".")
    const to = own ? posix(relative(root, resolve(root, dirname(file), target))) : target
    return { file, to, own, typeOnly: match[2] !== undefined }
  })

const imports = sourceFiles.flatMap(importsOf)

const inside = (file: string, ...folders: ReadonlyArray<string>): boolean =>
  folders.some((folder) => file === folder || file.startsWith(`${folder}/`))

/** Imports of our own files from `files` that go anywhere but the allowed places, as lines a person can act on. */
const strays = (
  files: (file: string) => boolean,
  allowed: (to: string, from: string) => boolean,
  todo: string
): ReadonlyArray<string> =>
  imports
    .filter(({ file, to, own }) => own && files(file) && !allowed(to, file))
    .map(({ file, to }) => `${file} imports ${to}: ${todo}`)

const folderOf = (file: string, depth: number): string => file.split("/").slice(0, depth).join("/")

/** The pure parts of the lives of alerts, procedures and incidents. */
const lives = [
  "alert-life",
  "flood-causes",
  "flood-groups",
  "in-hand",
  "incident-life",
  "life-table",
  "officer-acts",
  "out-of-service",
  "procedure-life",
  "shelving",
  "sounding",
  "turned"
].map((name) => `gateway/alerts/${name}.ts`)

/** The parts that must give the same answer for the same input, for ever. */
const isPure = (file: string): boolean =>
  inside(file, "gateway/domain", "gateway/correlation", ...lives) ||
  /^gateway\/gaps\/(?:list|report-due|open-alerts|[a-z]+-gaps)\.ts$/.test(file) ||
  /^adapters\/[^/]+\/(?:[^/]+\/)?(normalize|profile-topic)[^/]*\.ts$/.test(file) ||
  // Reading the files of a directory, and the package that evaluates conditions, are the rim of this folder.
  (inside(file, "adapters/profile") &&
    !inside(file, "adapters/profile/files.ts", "adapters/profile/texts.ts", "adapters/profile/expression.ts"))

/** The files that may read conditions written in CEL. */
const expressions = ["gateway/domain/expression.ts", "gateway/correlation/rules/where.ts"]

const composes = (file: string): boolean =>
  inside(
    file,
    "gateway/main.ts",
    "gateway/app.ts",
    "gateway/certificates.ts",
    "gateway/demonstration.ts",
    "gateway/discovery.ts",
    "gateway/installed.ts",
    "gateway/parts.ts",
    "gateway/probing.ts",
    "gateway/reading.ts",
    "gateway/replaying.ts"
  )

describe("who may know whom", () => {
  test("the domain knows nobody", () => {
    const todo = "the domain holds words only; move what needs this import to the part that uses it"
    expect(
      strays(
        (file) => inside(file, "gateway/domain"),
        (to) => inside(to, "gateway/domain"),
        todo
      )
    ).toEqual([])
  })

  test("correlation and the life of an alert know the domain only", () => {
    const todo = "it must stay a pure fold over facts; hand the value in as an argument"
    const allowed = (to: string) => inside(to, "gateway/domain", "gateway/correlation", ...lives)
    expect(strays((file) => inside(file, "gateway/correlation"), allowed, todo)).toEqual([])
    expect(strays((file) => lives.includes(file), allowed, todo)).toEqual([])
  })

  test("a replay knows the fold and what is recorded, and nothing that could write, send or ask a device", () => {
    const todo = "a replay has no effect on anything: hand in what it reads"
    const known = ["gateway/domain", "gateway/correlation", "gateway/replay", "gateway/log/entry.ts"]
    const allowed = (to: string) => inside(to, ...known, "gateway/log/recorded-log.ts")
    expect(strays((file) => inside(file, "gateway/replay"), allowed, todo)).toEqual([])
  })

  test("an adapter knows the contract, the domain, the profiles and itself, never another adapter", () => {
    const todo = "use adapters/adapter.ts and gateway/domain; what two adapters share belongs to the contract"
    const adapter = (file: string) =>
      inside(file, "adapters") && !inside(file, "adapters/profile") && file.split("/").length > 2
    const known = [
      "adapters/adapter.ts",
      "adapters/certificate.ts",
      "adapters/secret.ts",
      "adapters/loopback.ts",
      "adapters/profile",
      "adapters/probing",
      "gateway/domain"
    ]
    expect(strays(adapter, (to, from) => inside(to, ...known, folderOf(from, 2)), todo)).toEqual([])
  })

  test("the profiles know the domain only, and no protocol", () => {
    const todo = "what is one protocol's own belongs to its adapter, which hands it in as a ProfileForm"
    expect(
      strays(
        (file) => inside(file, "adapters/profile"),
        (to) => inside(to, "adapters/profile", "gateway/domain"),
        todo
      )
    ).toEqual([])
  })

  test("the adapter contract knows the domain only, and the catalogue only adapters", () => {
    const todo = "the contract must not depend on the gateway's parts"
    expect(
      strays(
        (file) => file === "adapters/adapter.ts",
        (to) => inside(to, "gateway/domain"),
        todo
      )
    ).toEqual([])
    expect(
      strays(
        (file) => file === "adapters/adapters.ts",
        (to) => inside(to, "adapters", "gateway/domain"),
        todo
      )
    ).toEqual([])
  })

  test("a simulator knows the domain at most: a parser shared with an adapter would confirm its own mistakes", () => {
    const todo = "write the device's own side of the protocol instead; meet the gateway on a socket"
    expect(
      strays(
        (file) => inside(file, "simulators"),
        (to) => inside(to, "simulators", "gateway/domain"),
        todo
      )
    ).toEqual([])
  })

  test("nothing imports the composition root", () => {
    const todo = "hand the part in as an argument where parts.ts composes it"
    expect(
      strays(
        (file) => !composes(file),
        (to) => !composes(to),
        todo
      )
    ).toEqual([])
  })

  test("no adapter or simulator is known to the gateway but through the composition root", () => {
    const todo = "take it as an argument; gateway/parts.ts composes"
    const gateway = (file: string) =>
      inside(file, "gateway") && !composes(file) && file !== "gateway/cli/scenario-runner.ts"
    expect(
      strays(
        gateway,
        // Where a secret is kept is told the same way everywhere.
        (to) => !inside(to, "adapters", "simulators") || ["adapters/adapter.ts", "adapters/secret.ts"].includes(to),
        todo
      )
    ).toEqual([])
  })

  test("SQL stays in the log and the stores beside it", () => {
    const found = imports
      .filter(
        ({ file, to }) => to === "better-sqlite3" && !inside(file, "gateway/log", "gateway/intake", "gateway/alerts")
      )
      .map(({ file }) => `${file} imports better-sqlite3: ask gateway/log or gateway/alerts instead`)
    expect(found).toEqual([])
  })
})

describe("the pure parts", () => {
  const pure = sourceFiles.filter(isPure)

  test("read no file and no socket", () => {
    const found = imports
      // A hash is a function of its input; that chance is not asked for is looked at below.
      .filter(({ file, to, own }) => isPure(file) && !own && to !== "node:crypto")
      .filter(({ to }) => to !== "effect" && !to.startsWith("effect/"))
      // An expression is a function of its scope, and bounded: no clock, no chance, no I/O in its language.
      .filter(({ to, file }) => !(to === "@marcbachmann/cel-js" && expressions.includes(file)))
      .map(({ file, to }) => `${file} imports ${to}: a pure part takes what it needs as an argument`)
    expect(found).toEqual([])
  })

  test.each([
    ["the clock", /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bClock\.current/],
    ["chance", /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/],
    ["a timer", /\bset(?:Timeout|Interval|Immediate)\(/],
    ["the environment", /\bprocess\./]
  ])("do not ask %s", (what, pattern) => {
    const found = pure
      .filter((file) => pattern.test(withoutComments(textOf(file))))
      .map((file) => `${file} asks ${what}: take it as an argument, so that replay gives the same answer`)
    expect(found).toEqual([])
  })
})

describe("the house", () => {
  test("has the rooms of the plan and no others", () => {
    const roots = readdirSync(root, { withFileTypes: true })
      .filter(
        (entry) => entry.isDirectory() && !entry.name.startsWith(".") && !["node_modules", "var"].includes(entry.name)
      )
      .map((entry) => entry.name)
    const planned = new Set(["adapters", "config", "gateway", "simulators", "test"])
    expect(roots.filter((name) => !planned.has(name)).map((name) => `${name}/: find its place in the plan`)).toEqual([])
    const rooms = new Set(
      "alerts api cli commands console correlation domain evidence explain gaps intake links log notify replay settings watchdog".split(
        " "
      )
    )
    const found = readdirSync(join(root, "gateway"), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(found.map((entry) => entry.name).filter((name) => !rooms.has(name))).toEqual([])
  })

  test("has no folder whose name says nothing", () => {
    const idle = /(^|\/)(types|utils?|helpers?|common|misc|shared|lib)\//
    const found = sourceFiles
      .filter((file) => idle.test(file))
      .map((file) => `${file}: name the folder after what it holds`)
    expect(found).toEqual([])
  })

  test("has no barrels", () => {
    const found = sourceFiles
      .filter((file) => /(^|\/)index\.tsx?$/.test(file))
      .map((file) => `${file}: import the file itself`)
    expect(found).toEqual([])
  })

  test("was read at all", () => {
    expect(imports.some(({ file, to }) => file === "gateway/domain/fact.ts" && to === "gateway/domain/ids.ts")).toBe(
      true
    )
    expect(imports.some(({ typeOnly }) => typeOnly)).toBe(true)
  })
})
