using Graph.Ptx.Binding;

namespace Graph.Ptx.Forms;

/// <summary>Comparisons and selections.</summary>
internal static class ComparisonForms
{
    private static readonly (string Name, Func<int, bool> Holds)[] Orders =
    [
        ("eq", order => order == 0),
        ("ne", order => order != 0),
        ("lt", order => order < 0),
        ("le", order => order <= 0),
        ("gt", order => order > 0),
        ("ge", order => order >= 0),
    ];

    private static readonly PtxType Predicate = PtxType.Of("pred");

    public static void AddTo(OpcodeTable table)
    {
        foreach (var width in new[] { 16, 32, 64 })
        {
            foreach (var (name, holds) in Orders)
            {
                Add(table, name, new(PtxKind.Signed, width), (x, y) => holds(Words.Signed(x, width).CompareTo(Words.Signed(y, width))));
                Add(table, name, new(PtxKind.Unsigned, width), (x, y) => holds(x.CompareTo(y)));
                if (name is "eq" or "ne")
                {
                    Add(table, name, new(PtxKind.Bits, width), (x, y) => holds(x.CompareTo(y)));
                }
                else
                {
                    // Unsigned orders have names of their own: lower, same, higher.
                    Add(table, name switch { "lt" => "lo", "le" => "ls", "gt" => "hi", _ => "hs" }, new(PtxKind.Unsigned, width), (x, y) => holds(x.CompareTo(y)));
                }
            }
        }

        foreach (var (name, holds) in Orders)
        {
            foreach (var unordered in new[] { false, true })
            {
                // A comparison with a NaN is false, and true for the unordered forms.
                var suffix = unordered ? "u" : "";
                Add(table, name + suffix, PtxType.Of("f32"), (x, y) => Compare(Words.Single(x), Words.Single(y), unordered, holds));
                Add(table, name + suffix, PtxType.Of("f64"), (x, y) => Compare(Words.Double(x), Words.Double(y), unordered, holds));
            }
        }

        foreach (var name in new[] { "b16", "s16", "u16", "b32", "s32", "u32", "f32", "b64", "s64", "u64", "f64" })
        {
            var type = PtxType.Of(name);
            table.Compute($"selp.{name}", type, [type, type, Predicate], (x, y, which) => which != 0 ? x : y);
        }
    }

    private static bool Compare(double x, double y, bool unordered, Func<int, bool> holds) =>
        double.IsNaN(x) || double.IsNaN(y) ? unordered : holds(x < y ? -1 : x > y ? 1 : 0);

    private static void Add(OpcodeTable table, string name, PtxType type, Func<ulong, ulong, bool> holds)
    {
        table.Compute($"setp.{name}{type}", Predicate, [type, type], (x, y, _) => holds(x, y) ? 1u : 0);
        table.Compute($"setp.{name}.and{type}", Predicate, [type, type, Predicate], (x, y, other) => holds(x, y) ? other : 0);
        table.Compute($"setp.{name}.or{type}", Predicate, [type, type, Predicate], (x, y, other) => holds(x, y) ? 1 : other);
        table.Compute($"setp.{name}.xor{type}", Predicate, [type, type, Predicate], (x, y, other) => holds(x, y) ? other ^ 1 : other);
    }
}
