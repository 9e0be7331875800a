/** One event of a text/event-stream. */
export interface StreamEvent {
  /** "message" where the stream names none. */
  readonly event: string
  readonly data: string
}

/** The events of a text/event-stream body (WHATWG HTML, section 9.2). */
export async function* streamEvents(text: ReadableStream<string>): AsyncGenerator<StreamEvent> {
  let rest = ""
  let event = "message"
  let data: Array<string> = []
  for await (const chunk of text) {
    const lines = (rest + chunk).split(/\r?\n/)
    rest = lines.pop() ?? ""
    for (const line of lines) {
      if (line.startsWith("event:")) event = line.slice(6).trim()
      if (line.startsWith("data:")) data.push(line.slice(5).trimStart())
      if (line !== "") continue
      if (data.length > 0) yield { event, data: data.join("\n") }
      event = "message"
      data = []
    }
  }
}
