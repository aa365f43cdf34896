namespace Graph.Ptx.Binding;

/// <summary>One opcode with all its modifiers: what its operands are, and what it does.</summary>
/// <param name="Name">E.g. <c>ld.global.v4.f32</c>.</param>
/// <param name="Rules">One for each operand.</param>
/// <param name="Make">The instruction for bound operands.</param>
internal sealed record Form(string Name, Rule[] Rules, Func<Operand[], Instruction> Make);
