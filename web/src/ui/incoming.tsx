import type { JSX } from 'preact'
import { type Call, nameOf } from '../phone/state.ts'
import { RoundButton } from './button.tsx'
import { Person } from './person.tsx'
import type { Shell } from './shell.ts'

/** A call that rings, alone on the screen. Answer has the focus, unless something is being typed. */
export function Incoming({ shell: { phone }, call }: { readonly shell: Shell; readonly call: Call }): JSX.Element {
  return (
    <section
      class="call incoming"
      role="alertdialog"
      aria-label={`${nameOf(call.peer)} is calling`}
      data-testid="incoming"
    >
      <Person peer={call.peer} id="call-peer" waiting={true} />
      <p class="call-state" data-testid="call-state" data-state="incoming">
        Incoming call
      </p>
      <div class="controls two">
        <RoundButton icon="call" kind="stop" label="Reject" id="call-reject" onPress={() => phone.end(call.id)} />
        <RoundButton
          icon="call"
          kind="go"
          label="Answer"
          id="call-answer"
          focused={!isTyping()}
          onPress={() => void phone.answer(call.id)}
        />
      </div>
    </section>
  )
}

/** A second call that rings beside one that is talked in. It does not take the focus. */
export function Waiting({ shell: { phone }, call }: { readonly shell: Shell; readonly call: Call }): JSX.Element {
  return (
    <section
      class="waiting-call"
      role="alertdialog"
      aria-label={`${nameOf(call.peer)} is calling too`}
      data-testid="waiting-call"
    >
      <p>
        <strong data-testid="waiting-peer">{nameOf(call.peer)}</strong>
        <span class="quiet">is calling; answering holds the other call</span>
      </p>
      <RoundButton icon="call" kind="stop" label="Reject" id="call-reject" onPress={() => phone.end(call.id)} />
      <RoundButton icon="call" kind="go" label="Answer" id="call-answer" onPress={() => void phone.answer(call.id)} />
    </section>
  )
}

function isTyping(): boolean {
  const { activeElement } = document
  return activeElement instanceof HTMLInputElement && activeElement.value !== ''
}
