import { startReloading } from "../settings/reloading-gateway.ts"

export const passwords = {
  dana: "seven quiet herons",
  rosa: "blue gravel under snow",
  sam: "the third lamp flickers"
} as const

interface Staff {
  readonly rosa?: string
  readonly sam?: string
}

/** Three people, and one door; `staff`: what is said of one of them besides. */
export const peopledConfig = (staff: Staff = {}): string => `devices:
  - { id: east-contact, link: mqtt, profile: zigbee2mqtt, address: east-contact }
doors:
  - { id: east, name: East exit, area: hall, position: east-contact/contact }
people:
  - { id: dana, name: Dana Whitfield, role: administrator }
  - { id: rosa, name: Rosa Alvarez, ${staff.rosa ?? "role: officer"} }
  - { id: sam, name: Sam Okafor, ${staff.sam ?? "role: supervisor"} }
`

/** One browser: its cookie goes with every request, from the gateway's own page. */
export class Browser {
  readonly #url: string
  #cookie = ""

  constructor(url: string) {
    this.#url = url
  }

  async ask(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        "sec-fetch-site": "same-origin",
        ...(this.#cookie === "" ? {} : { cookie: this.#cookie })
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const set = response.headers.getSetCookie()[0]?.split(";")[0]
    if (set !== undefined) this.#cookie = set
    return response
  }

  async told(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const text = await (await this.ask(method, path, body)).text()
    return (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>
  }

  async status(method: string, path: string, body?: unknown): Promise<number> {
    const response = await this.ask(method, path, body)
    await response.body?.cancel()
    return response.status
  }

  signIn(who: string, password: string): Promise<number> {
    return this.status("POST", "/session", { who, password })
  }
}

/** The code in an enrolment link. */
export const codeIn = (link: unknown): string => /#enrol=([\w-]+)$/.exec(String(link))?.[1] ?? ""

/** A whole gateway with people, whose administrator has enrolled by the link of the first start. */
export const startPeopled = async () => {
  const gateway = await startReloading(peopledConfig())
  const dana = new Browser(gateway.url)
  const firstLink = gateway.invitations[0]?.path ?? ""
  await dana.ask("POST", "/enrolment", { code: codeIn(firstLink), password: passwords.dana })
  /** Dana invites them, and they set their password. */
  const enrolled = async (person: "rosa" | "sam"): Promise<Browser> => {
    const { link } = await dana.told("POST", `/people/${person}/invitation`)
    const browser = new Browser(gateway.url)
    await browser.ask("POST", "/enrolment", { code: codeIn(link), password: passwords[person] })
    return browser
  }
  /** The configuration with these people is in force. */
  const staffedWith = async (staff: Staff): Promise<void> => {
    gateway.write("doors.yaml", peopledConfig(staff))
    await gateway.call("/config/reload", { method: "POST" })
  }
  return { ...gateway, dana, firstLink, enrolled, staffedWith, browser: () => new Browser(gateway.url) }
}
