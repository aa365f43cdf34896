using Graph.Ptx.Binding;

namespace Graph.Ptx.Forms;

/// <summary>
/// Every opcode that the interpreter knows, with all its modifiers: those that ILGPU emits, and those of our inline assembly. A form that is
/// not listed is refused, so that a mistyped modifier is an error here as it is in ptxas.
/// </summary>
internal sealed class OpcodeTable
{
    private readonly Dictionary<string, List<Form>> forms = new(StringComparer.Ordinal);

    private OpcodeTable()
    {
        MoveForms.AddTo(this);
        IntegerForms.AddTo(this);
        RealForms.AddTo(this);
        ConversionForms.AddTo(this);
        ComparisonForms.AddTo(this);
        MemoryForms.AddTo(this);
        AtomicForms.AddTo(this);
        FlowForms.AddTo(this);
        WarpForms.AddTo(this);
        CopyForms.AddTo(this);
        MatrixForms.AddTo(this);
    }

    /// <summary>Forms by opcode; some opcodes have forms of several lengths.</summary>
    public static IReadOnlyDictionary<string, List<Form>> Forms { get; } = new OpcodeTable().forms;

    public void Add(string name, Rule[] rules, Func<Operand[], Instruction> make)
    {
        if (!forms.TryGetValue(name, out var list))
        {
            forms[name] = list = [];
        }

        list.Add(new(name, rules, make));
    }

    /// <summary>An opcode that computes one value from one to three, each lane for itself.</summary>
    public void Compute(string name, PtxType to, PtxType[] from, Func<ulong, ulong, ulong, ulong> function) =>
        Add(name, [Rule.Write(to), .. from.Select(type => Rule.Read(type))], operands => new Compute(operands, to.Width, function));
}
