using Graph.Ptx.Binding;

namespace Graph.Ptx.Forms;

/// <summary>
/// Real arithmetic. Approximate forms are computed exactly and rounded: the interpreter proves what a kernel computes, not its last bits.
/// </summary>
internal static class RealForms
{
    private static readonly PtxType F32 = PtxType.Of("f32");
    private static readonly PtxType F64 = PtxType.Of("f64");

    public static void AddTo(OpcodeTable table)
    {
        Single(table);
        SingleApproximate(table);
        Double(table);
    }

    private static void Single(OpcodeTable table)
    {
        foreach (var rounding in new[] { "", ".rn" })
        {
            Two(table, $"add{rounding}", (x, y) => x + y);
            Two(table, $"sub{rounding}", (x, y) => x - y);
            Two(table, $"mul{rounding}", (x, y) => x * y);
        }

        Two(table, "div.rn", (x, y) => x / y);
        Two(table, "div.approx", (x, y) => x / y);
        Two(table, "div.full", (x, y) => x / y);

        // PTX's minimum of a number and a NaN is the number.
        Two(table, "min", float.MinNumber);
        Two(table, "max", float.MaxNumber);
        Three(table, "fma.rn", float.FusedMultiplyAdd);
        Three(table, "mad.rn", float.FusedMultiplyAdd);
        One(table, "neg", x => -x);
        One(table, "abs", MathF.Abs);
        One(table, "sqrt.rn", MathF.Sqrt);
        One(table, "rcp.rn", x => 1 / x);
        table.Compute("copysign.f32", F32, [F32, F32], (sign, x, _) => Words.Bits(MathF.CopySign(Words.Single(x), Words.Single(sign))));
        var predicate = PtxType.Of("pred");
        table.Compute("testp.notanumber.f32", predicate, [F32], (x, _, _) => float.IsNaN(Words.Single(x)) ? 1u : 0);
        table.Compute("testp.infinite.f32", predicate, [F32], (x, _, _) => float.IsInfinity(Words.Single(x)) ? 1u : 0);
        table.Compute("testp.finite.f32", predicate, [F32], (x, _, _) => float.IsFinite(Words.Single(x)) ? 1u : 0);
    }

    private static void SingleApproximate(OpcodeTable table)
    {
        One(table, "sqrt.approx", MathF.Sqrt);
        One(table, "rcp.approx", x => 1 / x);
        One(table, "rsqrt.approx", x => (float)(1 / Math.Sqrt(x)));
        One(table, "ex2.approx", x => (float)Math.Pow(2, x));
        One(table, "lg2.approx", x => (float)Math.Log2(x));
        One(table, "sin.approx", x => (float)Math.Sin(x));
        One(table, "cos.approx", x => (float)Math.Cos(x));
        table.Compute("tanh.approx.f32", F32, [F32], (x, _, _) => Words.Bits((float)Math.Tanh(Words.Single(x))));
    }

    private static void Double(OpcodeTable table)
    {
        foreach (var rounding in new[] { "", ".rn" })
        {
            TwoDouble(table, $"add{rounding}", (x, y) => x + y);
            TwoDouble(table, $"sub{rounding}", (x, y) => x - y);
            TwoDouble(table, $"mul{rounding}", (x, y) => x * y);
        }

        TwoDouble(table, "div.rn", (x, y) => x / y);
        TwoDouble(table, "min", double.MinNumber);
        TwoDouble(table, "max", double.MaxNumber);
        OneDouble(table, "neg", x => -x);
        OneDouble(table, "abs", Math.Abs);
        OneDouble(table, "sqrt.rn", Math.Sqrt);
        OneDouble(table, "rcp.rn", x => 1 / x);
        table.Compute("fma.rn.f64", F64, [F64, F64, F64], (x, y, z) => Words.Bits(Math.FusedMultiplyAdd(Words.Double(x), Words.Double(y), Words.Double(z))));
    }

    private static void One(OpcodeTable table, string name, Func<float, float> function)
    {
        table.Compute($"{name}.f32", F32, [F32], (x, _, _) => Words.Bits(function(Words.Single(x))));
        table.Compute($"{name}.ftz.f32", F32, [F32], (x, _, _) => Words.Bits(Words.Flush(function(Flushed(x)))));
    }

    private static void Two(OpcodeTable table, string name, Func<float, float, float> function)
    {
        table.Compute($"{name}.f32", F32, [F32, F32], (x, y, _) => Words.Bits(function(Words.Single(x), Words.Single(y))));
        table.Compute($"{name}.ftz.f32", F32, [F32, F32], (x, y, _) => Words.Bits(Words.Flush(function(Flushed(x), Flushed(y)))));
    }

    private static void Three(OpcodeTable table, string name, Func<float, float, float, float> function)
    {
        table.Compute($"{name}.f32", F32, [F32, F32, F32], (x, y, z) => Words.Bits(function(Words.Single(x), Words.Single(y), Words.Single(z))));
        table.Compute($"{name}.ftz.f32", F32, [F32, F32, F32], (x, y, z) => Words.Bits(Words.Flush(function(Flushed(x), Flushed(y), Flushed(z)))));
    }

    private static void OneDouble(OpcodeTable table, string name, Func<double, double> function) =>
        table.Compute($"{name}.f64", F64, [F64], (x, _, _) => Words.Bits(function(Words.Double(x))));

    private static void TwoDouble(OpcodeTable table, string name, Func<double, double, double> function) =>
        table.Compute($"{name}.f64", F64, [F64, F64], (x, y, _) => Words.Bits(function(Words.Double(x), Words.Double(y))));

    private static float Flushed(ulong bits) => Words.Flush(Words.Single(bits));
}
