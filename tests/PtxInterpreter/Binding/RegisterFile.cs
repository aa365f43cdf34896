namespace Graph.Ptx.Binding;

/// <summary>The rows of a kernel's register file, one value a lane: registers, literals and special registers.</summary>
internal sealed class RegisterFile
{
    private readonly Dictionary<ulong, int> literals = [];
    private readonly Dictionary<string, int> specials = [];
    private readonly Dictionary<int, int> widths = [];

    /// <summary>Row 0 is zero: what absent operands read.</summary>
    public RegisterFile() => Literal(0);

    public int Count { get; private set; }

    public IReadOnlyDictionary<ulong, int> Literals => literals;

    public IReadOnlyDictionary<string, int> Specials => specials;

    public int Register(int width)
    {
        widths[Count] = width;
        return Count++;
    }

    /// <summary>Bits of a row: of a register as declared, otherwise 64.</summary>
    public int Width(int row) => widths.GetValueOrDefault(row, 64);

    public int Literal(ulong value) => literals.TryGetValue(value, out var row) ? row : literals[value] = Count++;

    public int Special(string name) => specials.TryGetValue(name, out var row) ? row : specials[name] = Count++;

    /// <summary>Special registers that have a row, all 32 bits wide.</summary>
    public static bool IsSpecial(string name) => name
        is "%tid.x" or "%tid.y" or "%tid.z" or "%ntid.x" or "%ntid.y" or "%ntid.z"
        or "%ctaid.x" or "%ctaid.y" or "%ctaid.z" or "%nctaid.x" or "%nctaid.y" or "%nctaid.z" or "%laneid" or "%warpid";
}
