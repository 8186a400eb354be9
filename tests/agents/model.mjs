#!/usr/bin/env node
// A model that reads its lines from a script.  It speaks the two APIs that the agents under test
// use, Anthropic Messages and OpenAI Responses, both streaming, and answers each request with the
// next turn of a scenario (format: README.md).
//
//   node model.mjs --scenario FILE --log FILE [--port N]
//
// Every request is appended to the log with what was answered, so a test can tell what reached the
// model.  GET /state says how far each script has come.
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import zlib from 'node:zlib'

const kMaxBodyBytes = 64 << 20
const kMaxTurnsOver = 20 // a script that is asked this often after its end is in a loop

function option(name, fallback) {
  const at = process.argv.indexOf('--' + name)
  return at > 0 ? process.argv[at + 1] : fallback
}

const scenario = JSON.parse(fs.readFileSync(option('scenario'), 'utf8'))
const repo = option('repo', process.cwd())
const salt = crypto.randomBytes(4).toString('hex')
let requests = 0
let calls_made = 0

// A script is the model's part in one conversation: a prompt of the user's, or a subagent's task.
const scripts = [...scenario.runs, ...(scenario.subagents ?? [])].map((part, number) => ({
  number,
  match: part.prompt,
  turns: part.turns,
  next: 0,
  answers: new Map(), // by fingerprint of the request: a client's retry gets the same answer
  subagent: number >= scenario.runs.length,
}))

// ---------------------------------------------------------------- what the agent asked

const text_of = (content) => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (typeof part === 'string' ? part : part.text ?? '')).join('\n')
}

function fingerprint(value) {
  const plain = JSON.stringify(value, (key, v) => (key === 'cache_control' ? undefined : v))
  return crypto.createHash('sha1').update(plain).digest('hex')
}

function read_messages(body) {
  const tools = new Map()
  for (const tool of body.tools ?? []) tools.set(tool.name, tool)
  const said = []
  for (const message of body.messages) {
    const parts = Array.isArray(message.content) ? message.content : []
    for (const part of parts) {
      // Tools that Claude Code loads on demand appear in the result of its ToolSearch.
      if (part.type !== 'tool_result' || !Array.isArray(part.content)) continue
      for (const found of part.content) {
        if (found.type === 'tool_reference') tools.set(found.tool_name, { name: found.tool_name })
      }
    }
    if (message.role !== 'user') continue
    const own = parts.filter((part) => part.type !== 'tool_result')
    said.push(text_of(typeof message.content === 'string' ? message.content : own))
  }
  const side = !tools.size || body.output_config?.format || body.output_format
  return { api: 'messages', tools, said, side, model: body.model, key: fingerprint(body.messages) }
}

function read_responses(body) {
  const tools = new Map()
  const add = (list, namespace) => {
    for (const tool of list ?? []) {
      if (Array.isArray(tool.tools)) add(tool.tools, tool.name)
      else tools.set(tool.name, { ...tool, namespace })
    }
  }
  add(body.tools)
  const said = []
  for (const item of body.input) {
    add(item.tools)
    if (item.role === 'user') said.push(text_of(item.content))
    // A task for a subagent comes as a message from its parent.
    if (item.type === 'agent_message') {
      const words = item.content.map((part) => part.text ?? part.encrypted_content ?? '').join('')
      if (words.includes('NEW_TASK')) said.push(words)
    }
  }
  const side = !tools.size || body.text?.format?.type === 'json_schema'
  return { api: 'responses', tools, said, side, model: body.model, key: fingerprint(body.input) }
}

// The script whose prompt was said last; after a compaction that lost it, the one under way.
function script_of(asked) {
  let found = null
  let latest = -1
  for (const script of scripts) {
    const at = asked.said.findLastIndex((words) => words.includes(script.match))
    if (at >= 0 && at >= latest) [found, latest] = [script, at]
  }
  return found ?? scripts.findLast((script) => script.next > 0 && !script.subagent)
}

const wants_summary = (asked) =>
  /create a detailed summary|CONTEXT CHECKPOINT/i.test(asked.said.at(-1) ?? '')

// ---------------------------------------------------------------- an action as a tool call

const absolute = (path) => (path.startsWith('/') ? path : `${repo}/${path}`)
const quote = (word) => (/^[\w./+:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
const mark_lines = (mark, words) => words.split('\n').map((line) => mark + line + '\n').join('')

function patch_of(action) {
  const { path } = action
  let body
  if (action.do === 'write') {
    body = `*** Add File: ${path}\n` + mark_lines('+', action.content.replace(/\n$/, ''))
  } else if (action.do === 'delete') {
    body = `*** Delete File: ${path}\n`
  } else {
    body = `*** Update File: ${path}\n` + (action.to ? `*** Move to: ${action.to}\n` : '') + '@@\n'
    if (action.before) body += mark_lines(' ', action.before)
    if (action.old) body += mark_lines('-', action.old)
    if (action.new) body += mark_lines('+', action.new)
    if (action.after) body += mark_lines(' ', action.after)
  }
  return `*** Begin Patch\n${body}*** End Patch`
}

const tasks = new Map() // Claude Code's task list: subject -> {number, status}
let task_updates = [] // for the next answer: a new task is pending, and has no number before

function claude_plan(action) {
  const created = []
  for (const [subject, status] of action.items) {
    if (!tasks.has(subject)) {
      tasks.set(subject, { number: tasks.size + 1, status: 'pending' })
      created.push({ name: 'TaskCreate', args: { subject, description: subject } })
    }
    const task = tasks.get(subject)
    if (task.status === status) continue
    task.status = status
    task_updates.push({ name: 'TaskUpdate', args: { taskId: String(task.number), status } })
  }
  return created.length ? created : task_updates.splice(0)
}

function claude_calls(action) {
  const one = (name, args) => [{ name, args }]
  const shell = (command, more) =>
    one('Bash', { command, description: action.description ?? 'Run a command', ...more })
  switch (action.do) {
    case 'read': return one('Read', { file_path: absolute(action.path) })
    case 'write': return one('Write', { file_path: absolute(action.path), content: action.content })
    case 'edit': return one('Edit', {
      file_path: absolute(action.path), old_string: action.old, new_string: action.new,
      ...(action.all ? { replace_all: true } : {}) })
    case 'delete': return shell(`unlink ${quote(action.path)}`)
    case 'move': return shell(`mv ${quote(action.path)} ${quote(action.to)}`)
    case 'bash': return shell(action.command, action.background ? { run_in_background: true } : {})
    case 'todo': return claude_plan(action)
    case 'subagent': return one('Agent', {
      description: action.description ?? 'Look into it', prompt: action.prompt,
      subagent_type: 'general-purpose', run_in_background: Boolean(action.background) })
    case 'wait': return []
    case 'badargs': return one('Edit', { unexpected: 1 })
    case 'tool': return one(action.name, action.args ?? {})
  }
  throw new Error(`scenario: no such action: ${action.do}`)
}

const plan_of = (action) => ({
  ...(action.explanation ? { explanation: action.explanation } : {}),
  plan: action.items.map(([step, status]) => ({ step, status })),
})

function codex_calls(action, asked) {
  const one = (name, args) => [{ name, args }]
  switch (action.do) {
    case 'read': return one('exec_command', { cmd: `cat ${quote(action.path)}` })
    case 'bash': return one('exec_command', {
      cmd: action.command, ...(action.background ? { yield_time_ms: 250 } : {}) })
    case 'write': case 'edit': case 'delete': case 'move':
      return one('apply_patch', patch_of(action))
    case 'todo': return asked.plan ? one('update_plan', plan_of(action)) : []
    case 'subagent': return one('spawn_agent', {
      message: action.prompt, task_name: action.task_name ?? 'look_into_it' })
    case 'wait': return one('wait_agent', { timeout_ms: 20000 })
    case 'badargs': return one('exec_command', { unexpected: 1 })
    case 'tool': return one(action.name, action.args ?? {})
  }
  throw new Error(`scenario: no such action: ${action.do}`)
}

// Models of Codex in code mode have one tool `exec` whose input is JavaScript that calls the rest.
function code_calls(actions, asked) {
  const inner = actions.flatMap((action) => codex_calls(action, asked))
  const direct = inner.filter((call) => asked.tools.has(call.name))
  const nested = inner.filter((call) => !asked.tools.has(call.name))
  if (!nested.length) return direct
  const inside = nested.map(({ name, args }) => `  tools.${name}(${JSON.stringify(args)}),\n`)
  const script = `const results = await Promise.all([\n${inside.join('')}]);\n` +
    'results.forEach((r) => text(r));\n'
  return [{ name: 'exec', args: script }, ...direct]
}

function calls_of(actions, asked) {
  if (asked.api === 'messages') return actions.flatMap(claude_calls)
  const exec = asked.tools.get('exec')
  asked.plan = asked.tools.has('update_plan') || exec?.description?.includes('update_plan(')
  if (exec && !asked.tools.has('exec_command')) return code_calls(actions, asked)
  return actions.flatMap((action) => codex_calls(action, asked))
}

// ---------------------------------------------------------------- what to answer

function next_turn(script, asked) {
  if (script.next > script.turns.length + kMaxTurnsOver) throw new Error('script in a loop')
  for (;;) {
    if (task_updates.length) return { text: '', calls: task_updates.splice(0) }
    const turn = script.turns[script.next]
    if (!turn) {
      script.next++
      return { text: 'Nothing is left to do.', calls: [], over: true }
    }
    // A plan may need tools that Claude Code has put aside: it loads them first.
    const needs_tasks = asked.api === 'messages' && turn.actions?.some((a) => a.do === 'todo')
    if (needs_tasks && !asked.tools.has('TaskCreate') && asked.tools.has('ToolSearch')) {
      const args = { query: 'select:TaskCreate,TaskUpdate', max_results: 5 }
      return { text: '', calls: [{ name: 'ToolSearch', args }], loading: true }
    }
    const number = script.next++
    const calls = calls_of(turn.actions ?? [], asked)
    if (turn.actions?.length && !calls.length) continue // nothing for this agent to do here
    return { number, text: turn.text ?? '', calls, tokens: turn.tokens }
  }
}

function answer_to(asked) {
  if (wants_summary(asked)) {
    const prompts = scripts.filter((s) => !s.subagent && s.next > 0).map((s) => s.match)
    return { text: `<summary>The user asked: ${prompts.join('; then: ')}. Work goes on.</summary>`,
      calls: [], summary: true }
  }
  const script = asked.side ? null : script_of(asked)
  if (!script) return { text: 'A scripted task', calls: [], side: true }
  let answer = script.answers.get(asked.key)
  if (!answer) {
    answer = next_turn(script, asked)
    answer.script = script.number
    for (const call of answer.calls) call.id = `${salt}${String(++calls_made).padStart(3, '0')}`
    script.answers.set(asked.key, answer)
  }
  return answer
}

// ---------------------------------------------------------------- sending it

const halves = (s) => (s.length < 2 ? [s] : [s.slice(0, s.length >> 1), s.slice(s.length >> 1)])

function stream_to(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_${requests}` })
  return (type, data) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
}

function send_messages(response, body, asked, answer) {
  const blocks = answer.calls.map((call) =>
    ({ type: 'tool_use', id: `toolu_${call.id}`, name: call.name, input: call.args }))
  if (answer.text || !blocks.length) blocks.unshift({ type: 'text', text: answer.text || 'ok' })
  const usage = {
    input_tokens: answer.tokens ?? 1000 + 100 * body.messages.length, output_tokens: 50,
    cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
  const message = {
    id: `msg_${salt}${requests}`, type: 'message', role: 'assistant', model: asked.model,
    content: blocks, stop_reason: answer.calls.length ? 'tool_use' : 'end_turn',
    stop_sequence: null, usage }
  if (!body.stream) {
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify(message))
  }
  const send = stream_to(response)
  send('message_start', { message: { ...message, content: [], stop_reason: null } })
  blocks.forEach((block, index) => {
    const start = block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} }
    send('content_block_start', { index, content_block: start })
    for (const part of halves(block.text ?? JSON.stringify(block.input))) {
      send('content_block_delta', { index, delta: block.type === 'text'
        ? { type: 'text_delta', text: part } : { type: 'input_json_delta', partial_json: part } })
    }
    send('content_block_stop', { index })
  })
  const { stop_reason } = message
  send('message_delta',
    { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 50 } })
  send('message_stop', {})
  response.end()
}

function output_item(call, asked) {
  const tool = asked.tools.get(call.name)
  const common = { status: 'completed', call_id: `call_${call.id}`, name: call.name,
    ...(tool?.namespace ? { namespace: tool.namespace } : {}) }
  if (typeof call.args === 'string' && (!tool || tool.type === 'custom')) {
    return { type: 'custom_tool_call', id: `ctc_${call.id}`, ...common, input: call.args }
  }
  const args = typeof call.args === 'string' ? { input: call.args } : call.args
  return { type: 'function_call', id: `fc_${call.id}`, ...common, arguments: JSON.stringify(args) }
}

function send_responses(response, body, asked, answer) {
  const output = answer.calls.map((call) => output_item(call, asked))
  if (answer.text || !output.length) {
    output.unshift({ type: 'message', id: `msg_${salt}${requests}`, status: 'completed',
      role: 'assistant', phase: answer.calls.length ? 'commentary' : 'final_answer',
      content: [{ type: 'output_text', text: answer.text || 'ok', annotations: [] }] })
  }
  const sent = answer.tokens ?? 1000 + 100 * body.input.length
  const started = {
    id: `resp_${salt}${requests}`, object: 'response', created_at: Math.floor(Date.now() / 1000),
    status: 'in_progress', model: asked.model, output: [], error: null, incomplete_details: null }
  const usage = {
    input_tokens: sent, input_tokens_details: { cached_tokens: 0 },
    output_tokens: 50, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: sent + 50 }
  const stream = stream_to(response)
  let sequence_number = 0
  const send = (type, data) => stream(type, { sequence_number: sequence_number++, ...data })
  send('response.created', { response: started })
  output.forEach((item, output_index) => {
    send('response.output_item.added', { output_index, item: item.type === 'message'
      ? { ...item, status: 'in_progress', content: [] } : { ...item, status: 'in_progress' } })
    if (item.type === 'message') {
      for (const delta of halves(item.content[0].text)) {
        send('response.output_text.delta',
          { item_id: item.id, output_index, content_index: 0, delta })
      }
    }
    send('response.output_item.done', { output_index, item })
  })
  send('response.completed', { response: { ...started, status: 'completed', output, usage } })
  response.end()
}

// ---------------------------------------------------------------- the server

function log(entry) {
  const line = { request: requests, time: Date.now() / 1000, ...entry }
  fs.appendFileSync(option('log'), JSON.stringify(line) + '\n')
}

async function body_of(request) {
  const parts = []
  let bytes = 0
  for await (const part of request) {
    bytes += part.length
    if (bytes > kMaxBodyBytes) throw new Error('request too large')
    parts.push(part)
  }
  const raw = Buffer.concat(parts)
  const unpackers = {
    gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync, zstd: zlib.zstdDecompressSync }
  const unpack = unpackers[request.headers['content-encoding']]
  return (unpack ? unpack(raw) : raw).toString('utf8')
}

async function serve(request, response) {
  const path = new URL(request.url, 'http://model').pathname.replace(/\/+$/, '')
  const json = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value))
  }
  if (path === '/state') {
    return json(200, scripts.map(({ match, next, turns, subagent }) =>
      ({ match, next, turns: turns.length, subagent })))
  }
  requests++
  const raw = await body_of(request)
  if (request.method === 'POST' && path.endsWith('/messages/count_tokens')) {
    return json(200, { input_tokens: raw.length >> 2 })
  }
  if (request.method === 'POST' && /\/(messages|responses)$/.test(path)) {
    const body = JSON.parse(raw)
    const messages = path.endsWith('/messages')
    const asked = messages ? read_messages(body) : read_responses(body)
    const answer = answer_to(asked)
    log({ path, answer, tools: [...asked.tools.keys()], body })
    return (messages ? send_messages : send_responses)(response, body, asked, answer)
  }
  log({ path, method: request.method, unserved: true })
  if (request.method === 'GET' && path.endsWith('/models')) {
    return json(200, { object: 'list', data: [], models: [] })
  }
  return json(request.method === 'HEAD' ? 200 : 404, { error: { message: `not served: ${path}` } })
}

const server = http.createServer((request, response) => {
  serve(request, response).catch((error) => {
    log({ failed: String(error.stack) })
    response.destroy()
  })
})
server.on('upgrade', (request, socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'))
server.listen(Number(option('port', '8930')), '127.0.0.1')
