import { askedAnswer, type PhoneText, type Texts } from "./texts.ts"

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => `&#${char.codePointAt(0) ?? 0};`)

const textOf = ({ nth, text, at, answers }: PhoneText): string => `
      <li>
        <p><time>${new Date(at).toISOString().slice(11, 19)} UTC</time> ${escaped(text)}</p>
        ${answers.map((answer) => `<p class="mine">${escaped(answer.text)} <small>${escaped(answer.outcome)}</small></p>`).join("")}
        <form method="post" action="/answers">
          <input type="hidden" name="nth" value="${nth}">
          <input name="text" aria-label="Answer" value="${escaped(askedAnswer(text))}" required maxlength="160">
          <button>Answer</button>
        </form>
      </li>`

const phoneOf = (number: string, name: string, texts: Texts): string => `
    <section>
      <h2>${escaped(name)} <small>${escaped(number)}</small></h2>
      <ul>${texts.map(textOf).join("") || "<li>No texts yet</li>"}</ul>
    </section>`

/** Not while somebody writes: what they have written would be gone. */
const lookAgain = `setInterval(() => document.activeElement?.name === "text" || location.reload(), 3000)`

/** The page of all simulated phones, by number and owner. */
export const phonesPage = (owners: ReadonlyMap<string, string>, texts: Texts): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Simulated phones</title>
    <style>
      :root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif }
      body { margin: 0 auto; padding: 16px; max-width: 1180px }
      main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 16px; align-items: start }
      section { border: 1px solid; border-radius: 16px; padding: 0 16px 16px }
      h2 { font-size: 1.1rem } h2 small { font-weight: 400 }
      ul { list-style: none; padding: 0; margin: 0 } li + li { border-top: 1px solid; margin-top: 12px }
      p { overflow-wrap: anywhere } .mine { text-align: end }
      form { display: flex; gap: 8px } input { min-width: 0; flex: 1 } input, button { font: inherit; padding: 8px }
    </style>
  </head>
  <body>
    <h1>Simulated phones</h1>
    <p>What the gateway has sent to its people. An answer goes back to it, as a network's would.</p>
    <main>${[...owners]
      .map(([number, name]) =>
        phoneOf(
          number,
          name,
          texts.filter(({ to }) => to === number)
        )
      )
      .join("")}
    </main>
    <script>${lookAgain}</script>
  </body>
</html>
`
