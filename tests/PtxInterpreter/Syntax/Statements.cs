namespace Graph.Ptx.Syntax;

/// <summary>A statement of a kernel's body as written.</summary>
/// <param name="Line">1-based line of the text.</param>
public abstract record Statement(int Line);

/// <summary><c>.reg .f32 %f&lt;4&gt;;</c> or <c>.reg .u32 d;</c></summary>
/// <param name="Count">Of a numbered family; -1 for one register.</param>
public sealed record RegisterDeclaration(int Line, PtxType Type, string Name, int Count) : Statement(Line);

/// <summary><c>.shared .align 16 .b8 tile[256];</c>, likewise <c>.local</c> and parameters.</summary>
public sealed record MemoryDeclaration(int Line, string Space, int Align, int Bytes, string Name) : Statement(Line);

/// <summary><c>L_1:</c></summary>
public sealed record LabelStatement(int Line, string Name) : Statement(Line);

/// <summary><c>.branchtargets L_1, L_2;</c>, named by the label before it.</summary>
public sealed record BranchTargets(int Line, IReadOnlyList<string> Labels) : Statement(Line);

/// <summary><c>{</c></summary>
public sealed record ScopeStart(int Line) : Statement(Line);

/// <summary><c>}</c></summary>
public sealed record ScopeEnd(int Line) : Statement(Line);

/// <summary><c>@!%p1 add.f32 %f1, %f2, 0f3F800000;</c></summary>
/// <param name="Guard">The predicate's name, or null.</param>
/// <param name="Negated">With <c>!</c> before the guard.</param>
/// <param name="Opcode">With all its modifiers.</param>
/// <param name="Text">As written, for messages.</param>
public sealed record InstructionStatement(int Line, string? Guard, bool Negated, string Opcode, IReadOnlyList<OperandSyntax> Operands, string Text) : Statement(Line);

/// <summary>An operand as written.</summary>
/// <param name="Text">As written, for messages.</param>
public abstract record OperandSyntax(string Text);

/// <summary>A register, a symbol, a label or a special register.</summary>
public sealed record NameSyntax(string Text) : OperandSyntax(Text);

/// <summary>An integer in two's complement, or the bits of a real.</summary>
/// <param name="RealWidth">Bits of a real literal; 0 for an integer.</param>
public sealed record NumberSyntax(string Text, ulong Value, int RealWidth) : OperandSyntax(Text);

/// <summary><c>{a, b}</c></summary>
public sealed record VectorSyntax(string Text, IReadOnlyList<OperandSyntax> Items) : OperandSyntax(Text);

/// <summary><c>[base+offset]</c></summary>
public sealed record AddressSyntax(string Text, OperandSyntax Base, long Offset) : OperandSyntax(Text);

/// <summary>A kernel as written.</summary>
/// <param name="MaxThreads">Of <c>.maxntid</c>; 0 without.</param>
public sealed record KernelSyntax(string Name, IReadOnlyList<MemoryDeclaration> Parameters, int MaxThreads, IReadOnlyList<Statement> Body);
