using Graph.Generator.Emit;

namespace Graph.Generator.TensorCores;

/// <summary>Statements of inline PTX that all tensor-core kernels are made of.</summary>
internal static class MatrixText
{
    private const string Mma = "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32";

    /// <summary>Parts of a lane's number: which line of a matrix it addresses, and which of four matrices.</summary>
    public const string Low = "(lane & 7)", Middle = "((lane >> 3) & 1)", High = "(lane >> 4)";

    public static void Statement(CodeWriter writer, string text) => writer.Line($"Asm.Emit(\"{text}\");");

    /// <summary>One statement for each register, a few in a line.</summary>
    public static void Rows(CodeWriter writer, IEnumerable<int> numbers, Func<int, string> text, string operands = "", int count = 4)
    {
        var texts = numbers.Select(text).ToList();
        for (var i = 0; i < texts.Count; i += count)
        {
            writer.Line($"Asm.Emit(\"{string.Join(" ", texts.Skip(i).Take(count))}\"{operands});");
        }
    }

    public static void Clear(CodeWriter writer, string name, int count) => Rows(writer, Enumerable.Range(0, count), i => $"mov.f32 {name}{i}, 0f00000000;");

    /// <summary>Four matrices of 8 x 8 from the place in shared memory that this lane has for one of their lines.</summary>
    public static void Load(CodeWriter writer, string registers, string place, int offset = 0, bool isTransposed = false) =>
        writer.Line($"Asm.Emit(\"{{ .reg .u32 at; add.u32 at, tile, %0; ldmatrix.sync.aligned.m8n8.x4{(isTransposed ? ".trans" : "")}.shared.b16 {registers}, {At(offset)}; }}\", {place});");

    /// <summary>sums += left · right.</summary>
    public static void Multiply(CodeWriter writer, string sums, string left, string right) => Statement(writer, $"{Mma} {sums}, {left}, {right}, {sums};");

    /// <summary>Sixteen columns of sums by the fragments called block.</summary>
    public static void MultiplyBlock(CodeWriter writer, string sum, int pair, string left)
    {
        for (var half = 0; half < 2; half++)
        {
            Multiply(writer, List(sum, ((pair * 2) + half) * 4, 4), left, List("block", half * 2, 2));
        }
    }

    /// <summary>Sums to left fragments in bfloat16: the first source of a conversion becomes the upper half.</summary>
    public static void Round(CodeWriter writer, string fragment, string sum, int count) =>
        Rows(writer, Enumerable.Range(0, count), i => $"cvt.rn.bf16x2.f32 {fragment}{i}, {sum}{(2 * i) + 1}, {sum}{2 * i};");

    /// <summary>Two neighbours rounded to 32 bits: the first source of a conversion becomes the upper half.</summary>
    public static string Pair(string pair, string first, string second) => $"cvt.rn.bf16x2.f32 {pair}, {second}, {first};";

    /// <summary>One text for a matrix of bfloat16 and one for float32; the launch says which.</summary>
    /// <param name="writer">Gets the text.</param>
    /// <param name="flag">Expression of the argument that is not 0 for bfloat16.</param>
    /// <param name="text">Writes the text for elements of so many bytes.</param>
    public static void Forms(CodeWriter writer, string flag, Action<int> text)
    {
        foreach (var (condition, bytes) in new[] { ($"if ({flag} != 0)", 2), ("else", 4) })
        {
            using (writer.Block(condition))
            {
                text(bytes);
            }
        }
    }

    public static string Each(IEnumerable<int> numbers, Func<int, string> text) => string.Join(" ", numbers.Select(text));

    public static string List(string name, int first, int count) => $"{{{string.Join(",", Enumerable.Range(first, count).Select(i => $"{name}{i}"))}}}";

    public static string At(int offset) => offset == 0 ? "[at]" : $"[at+{offset}]";
}
