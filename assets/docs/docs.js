// Shows openapi.json, and sends requests to the server that the page is from.
const JSON_TYPE = 'application/json';

/** An element with its attributes and what is in it. Texts are texts: nothing of the document becomes markup. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made[key] = value;
  made.append(...children);
  return made;
}

const pretty = (value) => JSON.stringify(value, undefined, 2);
const byId = (id) => document.getElementById(id);

const response = await fetch('openapi.json');
const api = await response.json();
byId('description').textContent = api.info.description;

const resolved = (schema = {}) =>
  schema.$ref === undefined ? schema : api.components.schemas[schema.$ref.split('/').at(-1)];

function typeOf(schema) {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1);
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  return schema.type ?? 'any';
}

/** The fields of a message; those of the messages in it are shown when they are opened. */
function fields(schema) {
  const { properties = {}, required = [] } = resolved(schema);
  const rows = Object.entries(properties).map(([name, field]) => {
    const inner = field.items ?? field;
    const open = element('details', {}, element('summary', {}, typeOf(field)));
    open.addEventListener('toggle', () => open.childElementCount === 1 && open.append(fields(inner)));
    return element(
      'tr',
      {},
      element('td', {}, element('code', {}, required.includes(name) ? `${name} *` : name)),
      element('td', {}, inner.$ref === undefined ? typeOf(field) : open),
      element('td', {}, field.description ?? ''),
    );
  });
  return rows.length === 0 ? element('p', {}, 'Nothing.') : element('table', {}, ...rows);
}

async function send(path, body) {
  const headers = { 'content-type': JSON_TYPE };
  if (byId('token').value !== '') headers.authorization = `Bearer ${byId('token').value}`;
  if (byId('domain').value !== '') headers['x-domain-id'] = byId('domain').value;
  const answer = await fetch(path, { method: 'POST', headers, body });
  const text = await answer.text();
  try {
    return `${answer.status}\n${pretty(JSON.parse(text))}`;
  } catch {
    return `${answer.status}\n${text}`;
  }
}

function operation(path, { description, requestBody, responses }) {
  const request = requestBody.content[JSON_TYPE];
  const examples = Object.entries(request.examples ?? {});
  const answerTo = (name) =>
    Object.entries(responses)
      .map(([status, { content }]) => [status, content[JSON_TYPE].examples?.[name]?.value])
      .find(([, value]) => value !== undefined);
  const choice = element(
    'select',
    {},
    ...examples.map(([name, { summary }]) => element('option', { value: name }, summary)),
  );
  const body = element('textarea', { spellcheck: false });
  const documented = element('pre');
  const answered = element('pre', { hidden: true });
  const show = () => {
    body.value = pretty(request.examples?.[choice.value]?.value ?? {});
    body.rows = body.value.split('\n').length;
    const [status, value] = answerTo(choice.value) ?? [];
    documented.textContent = `${status}\n${pretty(value)}`;
    answered.hidden = true;
  };
  choice.addEventListener('change', show);
  show();
  const button = element('button', { type: 'button' }, 'Send');
  button.addEventListener('click', async () => {
    answered.hidden = false;
    answered.textContent = '…';
    answered.textContent = await send(path, body.value).catch(String);
  });
  return element(
    'details',
    {},
    element('summary', {}, `POST ${path}`),
    element('p', {}, description),
    element('h3', {}, 'Request'),
    fields(request.schema),
    element('h3', {}, 'Answer'),
    fields(responses['200'].content[JSON_TYPE].schema),
    element('h3', {}, 'Examples'),
    choice,
    body,
    element('p', {}, 'is answered:'),
    documented,
    button,
    answered,
  );
}

for (const { name, description } of api.tags) {
  const own = Object.entries(api.paths).filter(([, { post }]) => post.tags.includes(name));
  byId('operations').append(
    element('h2', {}, name),
    element('p', {}, description ?? ''),
    ...own.map(([path, { post }]) => operation(path, post)),
  );
}
