using Graph.Generator.Ir;
using Graph.Generator.Passes;

namespace Graph.Generator.Emit;

/// <summary>Writes the text of one fused kernel; <c>@@name@@</c> stands for its name, so that equal kernels have equal text.</summary>
internal sealed class KernelText
{
    private readonly FusedKernel kernel;
    private readonly Section section;
    private readonly bool columns;
    private readonly HashSet<Value> saved;
    private readonly KernelLoops loops;
    private readonly Dictionary<Value, string> names = [];
    private readonly List<Value> pointers = [];
    private readonly List<ParameterValue> weights = [];
    private readonly Dictionary<ParameterValue, string> weightNames = [];
    private readonly bool canonical;
    private readonly CodeWriter code = new();
    private Value? partial;

    /// <param name="kernel">What to write.</param>
    /// <param name="section">Where it runs: says what is stored.</param>
    /// <param name="columns">Lanes hold neighbouring columns, and rows are reduced.</param>
    /// <param name="saved">Values that backward reads.</param>
    /// <param name="canonical">Numbers instead of the user's names: kernels that do the same have the same canonical text.</param>
    public KernelText(FusedKernel kernel, Section section, bool columns, HashSet<Value> saved, bool canonical)
    {
        this.canonical = canonical;
        this.kernel = kernel;
        this.section = section;
        this.columns = columns;
        this.saved = saved;
        loops = KernelLoops.Of(kernel);
    }

    public (string Body, IReadOnlyList<Value> Arguments, IReadOnlyList<ParameterValue> Weights, Value? Partial) Write()
    {
        NameValues();
        var width = columns ? "columns" : Code.Int(kernel.Width);
        code.Line($"/// <summary>{Summary()}</summary>");
        using (code.Block("internal static class @@name@@<TDims> where TDims : struct, IDims"))
        {
            if (columns)
            {
                RunColumns();
            }
            else
            {
                RunRows(width);
            }

            code.Line();
            code.Line("[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]");
            var parameters = Join(v => $"R {v}At", v => columns ? $"int {v}Stride" : null);
            using (code.Block($"private static void Lanes<V, R>({(columns ? "int columns" : "long row, int rows")}, {parameters}) where V : struct, IRowLane<V, R> where R : struct, IRef<R>"))
            {
                if (columns)
                {
                    Columns();
                }
                else
                {
                    Rows(width);
                }
            }
        }

        return (code.ToString(), pointers, weights, partial);
    }

    /// <summary>A list over everything that is passed by pointer: values, each with what <paramref name="of"/> adds, then weights and partial sums.</summary>
    private string Join(Func<string, string> at, Func<string, string?> of)
    {
        var parts = new List<string?>();
        foreach (var name in pointers.Select(v => names[v]))
        {
            parts.Add(at(name));
            parts.Add(of(name));
        }

        parts.AddRange(weights.Select(w => at(Weight(w))));
        if (partial is not null)
        {
            parts.Add(at("partial"));
        }

        return string.Join(", ", parts.OfType<string>());
    }

    /// <summary>The entry on both devices, the choice of the lane, and the kernel that a device compiles, where all its operands are float32 and where some are bfloat16: a group a row, or a group for the rows of one partial sum.</summary>
    private void RunRows(string width)
    {
        var places = Join(v => $"{v}At", _ => null);
        using (code.Block($"public static void Run(in Worker worker, long row, int rows, {Join(v => $"Ref {v}At", _ => null)})"))
        {
            using (code.Block($"switch (LaneWidth.For(worker, {width}))"))
            {
                code.Line($"case 16: Lanes<V512, Ref>(row, rows, {places}); break;");
                code.Line($"case 8: Lanes<V256, Ref>(row, rows, {places}); break;");
                code.Line($"case 4: Lanes<V128, Ref>(row, rows, {places}); break;");
                code.Line($"case 1: Lanes<F32, Ref>(row, rows, {places}); break;");
                var (run, constants) = ProductEpilogue.JoinsHalves(kernel) ? ($"RunHalves<{kernel.Instrs[0].Operator!.Type}>", "")
                    : ProductEpilogue.NormalizesSum(kernel) ? ($"RunNorm<{kernel.Instrs[0].Operator!.Type}, {kernel.Instrs[1].Operator!.Type}>", $"{Code.Operator(kernel.Instrs[1])}, ")
                    : (partial is null ? RunAlone() : "RunBlocks", "");
                code.Line($"default: GpuRows.{run}(worker, Gpu<GpuLane, GpuRef>, Gpu<GpuLane, GpuMixedRef>, {constants}{width}, rows, {places}); break;");
            }
        }

        var at = 0;
        var views = Join(v => v == "partial" ? $"GpuRows.Partial<R>(floats, a.R{at++}, {width})" : $"R.At(floats, a.R{at++})", _ => null);
        code.Line();
        code.Line($"private static void Gpu<V, R>(Floats floats, Integers integers, GpuArguments a) where V : struct, IRowLane<V, R> where R : struct, IGpuRef<R> => Lanes<V, R>(GpuRows.First(a), GpuRows.Count(a), {views});");
    }

    private void RunColumns()
    {
        var places = Join(v => $"{v}At", v => $"{v}Stride");
        using (code.Block($"public static void Run(in Worker worker, long samples, int columns, {Join(v => $"Ref {v}At", v => $"int {v}Stride, int {v}Sample")})"))
        {
            using (code.Block($"switch (LaneWidth.For(worker, columns))"))
            {
                code.Line($"case 16: Lanes<V512, Ref>(columns, {places}); break;");
                code.Line($"case 8: Lanes<V256, Ref>(columns, {places}); break;");
                code.Line($"case 4: Lanes<V128, Ref>(columns, {places}); break;");
                code.Line($"case 1: Lanes<F32, Ref>(columns, {places}); break;");
                code.Line($"default: GpuColumns.{RunAlone()}(worker, Gpu<GpuLane, GpuRef>, Gpu<GpuLane, GpuMixedRef>, columns, samples, {Join(v => $"({v}At", v => $"{v}Stride, {v}Sample)")}); break;");
            }
        }

        var (at, stride) = (0, 0);
        var views = Join(_ => $"GpuColumns.Place<R>(floats, a, a.R{at}, a.J{at++})", _ => $"a.I{stride++}");
        code.Line();
        code.Line($"private static void Gpu<V, R>(Floats floats, Integers integers, GpuArguments a) where V : struct, IRowLane<V, R> where R : struct, IGpuRef<R> => Lanes<V, R>(GpuColumns.Count(a), {views});");
    }

    /// <summary>What starts a kernel without partial sums: the product before it may do its work.</summary>
    private string RunAlone() =>
        ProductEpilogue.JoinsHalvesBackward(kernel, section, columns) is { } places && pointers.SequenceEqual(places) ? $"RunHalvesBackward<{kernel.Instrs[0].Operator!.Type}>" : "Run";

    private string Weight(ParameterValue parameter) => weightNames[parameter];

    private string Summary() => string.Join(" ", kernel.Instrs.Select(i => $"{names[FusedKernel.Of(i)]} = {What(i)}.")).Replace("<", "&lt;");

    private string What(Instr instr)
    {
        var reads = string.Join(", ", instr.Reads.Select(r => names[r.Value]));
        return instr.Kind switch
        {
            InstrKind.Sum => string.Join(" + ", instr.Reads.Select(r => names[r.Value])),
            InstrKind.Copy => names[instr.Read("x")],
            InstrKind.Accumulate => $"{names[instr.Write("y")]} + {names[instr.Read("x")]}",
            InstrKind.PointwiseBackward or InstrKind.RowBackward => $"{instr.Operator!.Name}.Backward({reads})",
            _ => $"{instr.Operator!.Name}({reads})",
        };
    }

    private bool IsStored(Value value) => value.Root.IsPersistent || section.StorageOf(value) != Storage.Register || saved.Contains(value);

    /// <summary>Names are the declaring block's own; a second value of the same name takes a longer one.</summary>
    private void NameValues()
    {
        var used = new HashSet<string>(StringComparer.Ordinal) { "c", "i", "row", "rows", "columns", "worker", "partial" };
        foreach (var instr in kernel.Instrs)
        {
            foreach (var parameter in instr.Parameters.Values.Where(p => !weights.Contains(p)))
            {
                var simple = parameter.Name.Split('.').Last();
                weightNames[parameter] = canonical ? $"w{weights.Count}" : Code.Safe(used.Add(simple) ? simple : parameter.Identifier);
                weights.Add(parameter);
            }

            foreach (var operand in instr.Reads.Concat(instr.Writes))
            {
                if (operand.Role == "partial")
                {
                    partial = operand.Value;
                    continue;
                }

                if (!names.ContainsKey(operand.Value))
                {
                    var name = new[] { operand.Label, operand.Value.ShortName, operand.Value.Name, $"{operand.Value.Name}_{names.Count}" }.First(used.Add);
                    names[operand.Value] = canonical ? $"v{names.Count}" : Code.Safe(name);
                }

                if (IsStored(operand.Value) && !pointers.Contains(operand.Value))
                {
                    pointers.Add(operand.Value);
                }
            }
        }
    }

    private void Rows(string width)
    {
        if (partial is not null)
        {
            using (code.Block($"for (var c = V.First; c < {width}; c += V.Step)"))
            {
                code.Line("V.Store(V.Zero, partialAt, c);");
            }

            code.Line();
        }

        using (code.Block("for (var i = row; i < row + rows; i++)"))
        {
            foreach (var value in pointers.Where(v => !IsStatistic(v)))
            {
                code.Line($"var {names[value]}Row = {names[value]}At + (i * {Code.Factor(value.Stride)});");
            }

            Nest(
                loop => $"for (var c = V.First; c < {width}; c += V.Step)",
                value => $"V.Load({names[value]}Row, c)",
                (value, lane) => $"V.Store({lane}, {names[value]}Row, c);",
                value => $"V.LoadRow({names[value]}At, i)",
                value => $"if (!{names[value]}At.IsNull) V.StoreRow({names[value]}, {names[value]}At, i);",
                (op, sum, extra) => $"{op}(V.SumRow({sum}), {width}{extra})");
        }
    }

    private void Columns()
    {
        using (code.Block("for (var c = V.First; c < columns; c += V.Step)"))
        {
            var length = Code.Int(kernel.Length);
            Nest(
                loop => $"for (var i = 0; i < {length}; i++)",
                value => $"V.Load({names[value]}At, ((long)i * {names[value]}Stride) + c)",
                (value, lane) => $"V.Store({lane}, {names[value]}At, ((long)i * {names[value]}Stride) + c);",
                value => $"V.Load({names[value]}At, c)",
                value => $"if (!{names[value]}At.IsNull) V.Store({names[value]}, {names[value]}At, c);",
                (op, sum, extra) => $"{op}({sum}, {length}{extra})");
        }
    }

    private bool IsStatistic(Value value) => kernel.Instrs.Any(i => i.Reads.Concat(i.Writes).Any(o => o.Role == "s" && o.Value == value));

    private void Nest(
        Func<int, string> header,
        Func<Value, string> load,
        Func<Value, string, string> store,
        Func<Value, string> loadStatistic,
        Func<Value, string> storeStatistic,
        Func<string, string, string, string> finish)
    {
        foreach (var outside in kernel.Instrs.SelectMany(i => i.Reads).Where(r => r.Role == "s" && loops.DefinedIn(r.Value) < 0).Select(r => r.Value).Distinct())
        {
            code.Line($"var {names[outside]} = {loadStatistic(outside)};");
        }

        for (var loop = 0; loop < loops.Count; loop++)
        {
            var reductions = kernel.Instrs.Where(i => loops.Accumulate.TryGetValue(i, out var at) && at == loop).ToList();
            foreach (var instr in reductions)
            {
                code.Line($"var {Sum(instr)} = V.Zero;");
            }

            using (code.Block(header(loop)))
            {
                var loaded = new HashSet<Value>();
                foreach (var instr in kernel.Instrs)
                {
                    if (loops.Apply[instr] == loop)
                    {
                        Load(instr, loaded, load);
                        Apply(instr, loaded, load, store);
                    }
                    else if (reductions.Contains(instr))
                    {
                        Load(instr, loaded, load);
                        code.Line($"{Sum(instr)} = {Code.Operator(instr)}.{Reduction(instr)};");
                    }
                }
            }

            foreach (var instr in reductions)
            {
                if (instr.Kind == InstrKind.Row)
                {
                    var s = instr.Write("s");
                    code.Line($"var {names[s]} = {finish(Code.Operator(instr) + ".Finish", Sum(instr), "")};");
                    if (IsStored(s))
                    {
                        code.Line(storeStatistic(s));
                    }
                }
                else
                {
                    code.Line($"var {Constant(instr)} = {finish(Code.Operator(instr) + ".FinishBackward", Sum(instr), ", " + names[instr.Read("s")])};");
                }
            }
        }
    }

    private string Sum(Instr instr) => names[FusedKernel.Of(instr)].TrimStart('@') + "_sum";

    private string Constant(Instr instr) => names[FusedKernel.Of(instr)].TrimStart('@') + "_c";

    private void Load(Instr instr, HashSet<Value> loaded, Func<Value, string> load)
    {
        foreach (var value in instr.Reads.Where(r => r.Role != "s").Select(r => r.Value))
        {
            if (loaded.Add(value))
            {
                code.Line($"var {names[value]} = {load(value)};");
            }
        }
    }

    private string Reduction(Instr instr) => instr.Kind == InstrKind.Row
        ? $"Accumulate({Sum(instr)}, {names[instr.Read("x")]})"
        : $"AccumulateBackward({Sum(instr)}, {Role(instr, "x")}, {Role(instr, "y")}, {Role(instr, "dy")})";

    /// <summary>A value that the operator's backward does not read is passed as zero.</summary>
    private string Role(Instr instr, string role)
    {
        var operand = instr.Reads.FirstOrDefault(r => r.Role == role);
        return operand is not null ? names[operand.Value]
            : role == "b" && instr.Parameters.Count > 0 ? $"V.Load({Weight(instr.Parameters.Values.First())}At, c)"
            : "V.Zero";
    }

    private void Apply(Instr instr, HashSet<Value> loaded, Func<Value, string> load, Func<Value, string, string> store)
    {
        var op = instr.Operator is null ? "" : Code.Operator(instr);
        switch (instr.Kind)
        {
            case InstrKind.Row or InstrKind.RowApply:
                Define(instr, "y", $"{op}.Apply({names[instr.Read("x")]}, {names[instr.Reads.Concat(instr.Writes).First(o => o.Role == "s").Value]})");
                break;
            case InstrKind.RowBackward:
                Define(instr, "dx", $"{op}.ApplyBackward({Role(instr, "x")}, {Role(instr, "y")}, {Role(instr, "dy")}, {names[instr.Read("s")]}, {Constant(instr)})");
                break;
            case InstrKind.Sum:
                Define(instr, "y", $"{names[instr.Read("a")]} + {names[instr.Read("b")]}");
                break;
            case InstrKind.Copy:
                Define(instr, "y", names[instr.Read("x")]);
                break;
            case InstrKind.Accumulate:
                Define(instr, "y", $"{load(instr.Write("y"))} + {names[instr.Read("x")]}");
                break;
            case InstrKind.Pointwise:
                Define(instr, "y", instr.Operator!.Archetype == Specs.Archetype.Pointwise1
                    ? $"{op}.Forward({Role(instr, "x")})"
                    : $"{op}.Forward({Role(instr, "a")}, {Role(instr, "b")})");
                break;
            default:
                Backward(instr, op, store, loaded);
                break;
        }

        void Define(Instr of, string role, string expression)
        {
            // A state that the kernel has read is overwritten by the same name.
            var value = of.Write(role);
            code.Line($"{(loaded.Contains(value) ? "" : "var ")}{names[value]} = {expression};");
            Keep(value, loaded, store);
        }
    }

    private void Keep(Value value, HashSet<Value> loaded, Func<Value, string, string> store)
    {
        loaded.Add(value);
        if (IsStored(value))
        {
            code.Line(store(value, names[value]));
        }
    }

    private void Backward(Instr instr, string op, Func<Value, string, string> store, HashSet<Value> loaded)
    {
        if (instr.Operator!.Archetype == Specs.Archetype.Pointwise1)
        {
            var dx = instr.Write("dx");
            code.Line($"var {names[dx]} = {op}.Backward({Role(instr, "x")}, {Role(instr, "y")}, {Role(instr, "dy")});");
            Keep(dx, loaded, store);
            return;
        }

        var results = new[] { "da", "db" }.Select(role => instr.Writes.FirstOrDefault(w => w.Role == role)?.Value).ToList();
        var a = results[0] is { } first ? "var " + names[first] : "_";
        var b = results[1] is { } second ? "var " + names[second] : partial is not null && instr.Parameters.Count > 0 ? "var share" : "_";
        code.Line($"({a}, {b}) = {op}.Backward({Role(instr, "a")}, {Role(instr, "b")}, {Role(instr, "y")}, {Role(instr, "dy")});");
        if (b == "var share")
        {
            code.Line("V.Store(V.Load(partialAt, c) + share, partialAt, c);");
        }

        foreach (var value in results.Where(v => v is not null))
        {
            Keep(value!, loaded, store);
        }
    }
}
