using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Passes;
using Graph.Generator.Specs;

namespace Graph.Generator.Emit;

/// <summary>A launch as a struct that the executor runs unit by unit.</summary>
internal sealed class RegionEmitter(KernelEmitter kernels, HashSet<Value> saved)
{
    public string Emit(Section section, Launch launch)
    {
        var code = new CodeWriter();
        foreach (var step in launch.Steps)
        {
            code.Line($"// {Describe(step)}");
        }

        launch.UsesTurn = launch.Instrs.SelectMany(i => i.Reads.Concat(i.Writes)).Any(o => !o.Value.Integer && section.StorageWithGradient(o.Value) == Storage.Saved);
        using (code.Block($"private readonly struct {launch.Name}(Program<TDims> m{(launch.UsesTurn ? ", int turn" : "")}{(launch.UsesWeights ? ", int weights" : "")}) : ILaunch"))
        {
            code.Line($"public static long Units(Program<TDims> m) => {Units(launch)};").Line();
            using (code.Block("public void Run(in Worker worker, long unit)"))
            {
                switch (launch.Kind)
                {
                    case LaunchKind.Parameters:
                        Parameters(code, section, launch);
                        break;
                    case LaunchKind.Tile:
                        Declare(code, section, launch);
                        Tile(code, launch.Steps[0].Single!, launch);
                        break;
                    default:
                        Region(code, section, launch);
                        break;
                }
            }
        }

        return code.ToString();
    }

    private static string Describe(Step step) => string.Join("; ", step.Instrs.Select(i =>
        $"{string.Join(", ", i.Writes.Select(w => w.Value.Name).DefaultIfEmpty(i.Parameters.Values.FirstOrDefault()?.Name ?? ""))} = {i.Kind}{(i.Operator is null ? "" : $"[{i.Operator.Name}]")}({string.Join(", ", i.Reads.Select(r => r.Value.Name))})"));

    private static string Units(Launch launch) => launch.Kind switch
    {
        LaunchKind.Rows => $"RowBlock.Count(m.Batch * {Code.Factor(launch.Length)})",
        LaunchKind.Samples => "m.Batch",
        LaunchKind.Columns => $"m.Batch * ColumnBlock.Count({Code.Int(launch.Width)})",
        LaunchKind.Tile => Code.Long(Grid(launch.Steps[0].Single!)),
        _ => string.Join(" + ", launch.Steps.Select(s => ParameterUnits(s.Single!))),
    };

    private static DimExpr Grid(Instr instr) =>
        DimParser.Parse(instr.Launch!.Units, out var units, out _) ? units.Substitute(instr.Bindings) : throw new InvalidOperationException(instr.Launch.Units);

    private static string ParameterUnits(Instr instr)
    {
        if (instr.Kind == InstrKind.ReducePartial)
        {
            return "1";
        }

        var weight = instr.Parameters.Values.First();
        var method = instr.TokenAxis ? "TokenWeightGradientUnits" : "WeightGradientUnits";
        return $"MatMul.{method}({Code.Int(weight.Shape[0])}, {Code.Int(weight.Shape[1])})";
    }

    private void Parameters(CodeWriter code, Section section, Launch launch)
    {
        Declare(code, section, launch);
        if (launch.Steps.Count == 1)
        {
            var only = launch.Steps[0].Single!;
            code.Line($"{ParameterCall(section, launch, only, only.Parameters.Values.First(), "unit")};");
            return;
        }

        code.Line("var parts = new LaunchParts(worker, unit);");
        foreach (var instr in launch.Steps.Select(s => s.Single!))
        {
            code.Line($"if (parts.Next({ParameterUnits(instr)})) {ParameterCall(section, launch, instr, instr.Parameters.Values.First(), "parts.Unit")};");
        }
    }

    /// <summary>A parameter's number in the plan.</summary>
    private static string Number(Launch launch, ParameterValue parameter) => $"m.Plan.{parameter.Identifier}{(launch.UsesWeights ? " + weights" : "")}";

    private static string ParameterCall(Section section, Launch launch, Instr instr, ParameterValue weight, string unit)
    {
        var gradient = $"m.GradientAt({Number(launch, weight)})";
        if (instr.Kind == InstrKind.ReducePartial)
        {
            var partial = instr.Read("partial");
            var writer = section.Launches.First(l => l.Instrs.Any(i => i.Writes.Any(w => w.Value == partial)));
            var length = FusedKernel.Of(writer.Instrs.First(i => i.Writes.Any(w => w.Value == partial))).Length;
            var blocks = writer.Kind == LaunchKind.Samples ? "m.Batch" : $"RowBlock.Count(m.Batch * {Code.Factor(length)})";
            return $"PartialSums.AddTo(worker, {gradient}, {Pointer(partial)}, {blocks}, {Code.Int(partial.Width)})";
        }

        var (dy, x) = (instr.Read("dy"), instr.Read("x"));
        var (o, k) = (Code.Int(weight.Shape[0]), Code.Int(weight.Shape[1]));
        return instr.TokenAxis
            ? $"MatMul.TokenWeightGradient(worker, {unit}, {Pointer(dy)}, {Code.Int(dy.Stride)}, {Code.Long(dy.SampleStride)}, {Pointer(x)}, {Code.Int(x.Stride)}, {Code.Long(x.SampleStride)}, m.Batch, {Code.Int(x.Width)}, {gradient}, {o}, {k})"
            : $"MatMul.WeightGradient(worker, {unit}, {Pointer(dy)}, {Code.Int(dy.Stride)}, {Pointer(x)}, {Code.Int(x.Stride)}, m.Batch * {Code.Factor(x.Length)}, {gradient}, {o}, {k})";
    }

    /// <summary>The first element of a value, from the pointer to its root.</summary>
    private static string Pointer(Value value) => Code.Plus(Code.Safe(value.Root.Name), value.Offset);

    private void Region(CodeWriter code, Section section, Launch launch)
    {
        switch (launch.Kind)
        {
            case LaunchKind.Rows:
                code.Line($"var (row, rows) = RowBlock.Of(worker, unit, m.Batch * {Code.Factor(launch.Length)});");
                break;
            case LaunchKind.Samples:
                code.Line("var samples = worker.Samples;");
                break;
            case LaunchKind.Columns:
                code.Line($"var (sample, samples, column, columns, local) = ColumnBlock.Of(worker, unit, {Code.Int(launch.Width)});");
                break;
        }

        Declare(code, section, launch);
        for (var s = 0; s < launch.Steps.Count; s++)
        {
            var step = launch.Steps[s];
            if (step.Kernel is not null)
            {
                Kernel(code, section, launch, step.Kernel);
            }
            else if (step.Single!.Kind == InstrKind.Tile)
            {
                Tile(code, step.Single, launch);
            }
            else
            {
                Product(code, section, launch, step, s + 1 < launch.Steps.Count ? launch.Steps[s + 1] : null);
            }
        }
    }

    /// <summary>Pointers to the root of everything the launch touches in memory.</summary>
    private void Declare(CodeWriter code, Section section, Launch launch)
    {
        var roots = launch.Instrs.SelectMany(i => i.Reads.Concat(i.Writes)).Select(o => o.Value.Root).Distinct().ToList();
        var local = LocalSlots.Of(section, launch);
        if (local.Sizes.Count > 0)
        {
            code.Line($"var scratch = new LocalScratch(worker, {launch.Kind switch { LaunchKind.Rows => "rows", LaunchKind.Samples => "samples", _ => "samples * local" }});");
            var (slots, takes) = (string.Join(", ", local.Sizes.Select((_, i) => $"scratch{i}")), string.Join(", ", local.Sizes.Select(s => $"scratch.{(s.IsRounded ? "TakeRounded" : "Take")}({Code.Int(s.Elements)})")));
            code.Line(local.Sizes.Count == 1 ? $"var {slots} = {takes};" : $"var ({slots}) = ({takes});");
        }

        foreach (var root in roots.Where(r => !IsRegister(section, r)))
        {
            var name = Code.Safe(root.Name);
            var (plain, saving) = (Place(section, launch, root, section.StorageOf(root), local), Place(section, launch, root, section.StorageWithGradient(root), local));
            code.Line(plain == saving ? $"var {name} = {plain};" : $"var {name} = turn < 0 ? {plain} : {saving};");
            if (launch.Kind == LaunchKind.Columns && section.IsLocal(root) && section.StorageWithGradient(root) == Storage.Saved)
            {
                code.Line($"var {root.Name}Stride = turn < 0 ? local : {Code.Int(root.Width)};");
            }
        }
    }

    /// <summary>Never in memory, with or without gradient.</summary>
    private static bool IsRegister(Section section, Value value) =>
        !value.Root.Integer && section.StorageOf(value) == Storage.Register && section.StorageWithGradient(value) == Storage.Register;

    /// <summary>The root's first element; in a column region, the element of the region's sample and first column.</summary>
    private static string Place(Section section, Launch launch, Value root, Storage storage, LocalSlots local)
    {
        if (root.Integer)
        {
            return $"m.Integers + m.Plan.{root.Name}";
        }

        var block = launch.Kind == LaunchKind.Columns ? $" + (sample * {Code.Factor(root.PerSample)}) + column" : "";
        var back = launch.Kind switch
        {
            LaunchKind.Rows => $" - (row * {Code.Factor(root.Width)})",
            LaunchKind.Samples => $" - (unit * {Code.Factor(root.PerSample)})",
            _ => "",
        };
        var (owner, kept) = storage == Storage.Saved ? section.Phase.InFrame(root) : (section.Phase, root);
        return storage switch
        {
            Storage.Persistent => $"m.Activations + m.Plan.{root.Name}{block}",
            Storage.Saved when root.IsRounded => $"m.Rounded(m.Plan.{owner.Name}_saved_{kept.Name} + (turn * m.Plan.{owner.Name}_turn)){block}",
            Storage.Saved => $"m.Activations + (m.Plan.{owner.Name}_saved_{kept.Name} + (turn * m.Plan.{owner.Name}_turn)){block}",
            Storage.Pooled when root.IsRounded => $"m.Rounded(m.Plan.Pool{section.Pool[root]}){block}",
            Storage.Pooled => $"m.Activations + m.Plan.Pool{section.Pool[root]}{block}",
            Storage.Local => $"scratch{local.Slot[root]}{back}",
            _ => "default",
        };
    }

    private void Kernel(CodeWriter code, Section section, Launch launch, FusedKernel fused)
    {
        var columns = launch.Kind == LaunchKind.Columns;
        var kernel = kernels.Emit(fused, section, columns, saved);
        var arguments = kernel.Arguments.Select(v => columns ? $"{Column(section, v)}, {Stride(section, v)}, {Code.Int(v.Root.PerSample)}" : Pointer(v))
            .Concat(kernel.Weights.Select(w => $"m.WeightAt({Number(launch, w)})"))
            .Concat(kernel.Partial is null ? [] : [$"{Pointer(kernel.Partial)} + (unit * {Code.Factor(kernel.Partial.Width)})"]);
        var place = columns ? "samples, columns" : Rows(launch, fused.Length);
        code.Line($"{kernel.Name}<TDims>.Run(worker, {place}, {string.Join(", ", arguments)});");
    }

    private static string Rows(Launch launch, DimExpr length) => launch.Kind == LaunchKind.Samples ? $"unit * {Code.Factor(length)}, samples * {Code.IntFactor(length)}" : "row, rows";

    /// <summary>A value at the region's sample and column.</summary>
    private static string Column(Section section, Value value)
    {
        var name = Code.Safe(value.Root.Name);
        var first = RowOffset(value);
        return Code.IsZero(first) ? name : $"{name} + ({Code.Factor(first)} * {Stride(section, value)})";
    }

    private static DimExpr RowOffset(Value value) => value.Base is null ? DimExpr.Constant(0) : value.Row + RowOffset(value.Base);

    private static string Stride(Section section, Value value) => !section.IsLocal(value) ? Code.Int(value.Stride)
        : section.StorageWithGradient(value) == Storage.Saved ? $"{value.Root.Name}Stride"
        : "local";

    private static void Product(CodeWriter code, Section section, Launch launch, Step step, Step? next)
    {
        var instr = step.Single!;
        var weight = instr.Parameters.Values.First();
        var backward = instr.Kind == InstrKind.MatMulBackward;
        var x = instr.Read(backward ? "dy" : "x");
        var y = instr.Write(backward ? "dx" : "y");
        var (o, i) = (Code.Int(weight.Shape[0]), Code.Int(weight.Shape[1]));
        var isTaken = backward && ProductEpilogue.IsTaken(section, launch, step, next);
        if (instr.TokenAxis)
        {
            var (columns, options) = isTaken ? ("ColumnsBackwardForNext", "") : ("Columns", $", transposed: {(backward ? "true" : "false")}, accumulate: false");
            code.Line($"MatMul.{columns}(worker, m.WeightAt({Number(launch, weight)}), {i}, {Column(section, x)}, {Stride(section, x)}, {Code.Long(x.Root.PerSample)}, {Column(section, y)}, {Stride(section, y)}, {Code.Long(y.Root.PerSample)}, samples, {(backward ? i : o)}, {(backward ? o : i)}, columns{options});");
            return;
        }

        var (row, rows) = launch.Kind == LaunchKind.Samples ? ($"unit * {Code.Factor(y.Length)}", $"samples * {Code.IntFactor(y.Length)}") : ("row", "rows");
        var keep = backward ? null : ProductEpilogue.Keep(section, launch, step, next);
        var (method, last) = keep is not null ? ("RowsForNext", $", keep: {keep}") : isTaken ? ("RowsBackwardForNext", "") : (backward ? "RowsBackward" : "Rows", ", accumulate: false");
        code.Line($"MatMul.{method}(worker, {Pointer(x)} + ({row} * {Code.Factor(x.Stride)}), {Code.Int(x.Stride)}, m.{(backward ? "PackedBackward" : "Packed")}({Number(launch, weight)}), {Pointer(y)} + ({row} * {Code.Factor(y.Stride)}), {Code.Int(y.Stride)}, {rows}, {(backward ? o : i)}, {(backward ? i : o)}{last});");
    }

    private static void Tile(CodeWriter code, Instr instr, Launch launch)
    {
        var op = instr.Operator!;
        var arguments = instr.Launch!.Parameters.Select(p => p switch
        {
            { Type: "Worker" } => "worker",
            { Name: "unit" } => "unit",
            { Name: "row" } => launch.Kind == LaunchKind.Samples ? $"unit * {Code.Factor(instr.Writes[0].Value.Length)}" : "row",
            { Name: "rows" } => launch.Kind == LaunchKind.Samples ? $"samples * {Code.IntFactor(instr.Writes[0].Value.Length)}" : "rows",
            { Name: "batch" } => p.Type == "int" ? "(int)m.Batch" : "m.Batch",
            { Type: "Ref" or "IntRef" } => Reference(launch, instr, p.Name),
            { Type: "float" or "double" } => Code.Literal(instr.Node!.Text(p.Name) ?? "0", p.Type),
            _ => Integer(instr, p.Name),
        });
        if (!instr.Launch.Gpu)
        {
            code.Line($"GpuQueue.Refuse(worker, \"{op.Name}\");");
        }

        code.Line($"{op.Type}.{instr.Launch.Method}({string.Join(", ", arguments)});");
    }

    private static string Reference(Launch launch, Instr instr, string name)
    {
        var operand = instr.Reads.Concat(instr.Writes).FirstOrDefault(o => o.Role == name);
        if (operand is not null)
        {
            var isColumns = !operand.Value.Integer && !operand.Value.Stride.Equals(operand.Value.Width);
            return !isColumns || instr.Launch!.Parameters.Any(p => p.Name == name + "Stride")
                ? Pointer(operand.Value)
                : throw new CompileException(Problem.Of("GRAPH063", instr.Place, instr.Operator!.Name, instr.Launch.Method, name));
        }

        return instr.Parameters.TryGetValue(name, out var weight) ? $"m.WeightAt({Number(launch, weight)})"
            : name.StartsWith("d", StringComparison.Ordinal) && instr.Parameters.TryGetValue(name.Substring(1), out var of) ? $"m.GradientAt({Number(launch, of)})"
            : "default";
    }

    private static string Integer(Instr instr, string name)
    {
        if (name.EndsWith("Stride", StringComparison.Ordinal))
        {
            var of = name.Substring(0, name.Length - "Stride".Length);
            var operand = instr.Reads.Concat(instr.Writes).FirstOrDefault(o => o.Role == of);
            if (operand is not null)
            {
                return Code.Int(operand.Value.Stride);
            }
        }

        return instr.Bindings.TryGetValue(name, out var dim) ? Code.Int(dim)
            : throw new CompileException(Problem.Of("GRAPH062", instr.Place, instr.Operator!.Name, instr.Launch!.Method, name));
    }
}
