/** Questions about the nodes of swc's syntax tree. */
export const isBlock = ({ type }) => type === 'BlockStatement' || type === 'FunctionBody';
export const isText = ({ type }) => type === 'StringLiteral' || type === 'TemplateLiteral';
export const statementsOf = (body) => body.stmts ?? body.statements;

/** A node without the `!` behind it. */
export const withoutBang = (node) => (node.type === 'TsNonNullExpression' ? withoutBang(node.expression) : node);
